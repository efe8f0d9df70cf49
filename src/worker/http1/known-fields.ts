/**
 * The fields of a head that the server itself must know: where the request is
 * for, how long it is, and what follows it. Runs per field line: only these
 * few are made into text.
 */

import { NO_UPGRADES } from "../http/request.ts";
import {
  isName,
  isText,
  type Span,
  trimmedText,
  withoutBlanks,
} from "./byte-text.ts";
import { SP } from "./bytes.ts";
import { type BodyFraming, bodyFraming } from "./framing.ts";
import { checkHost } from "./host.ts";
import { ProtocolError } from "./protocol-error.ts";

export class KnownFields {
  #host: string | undefined = undefined;
  #hostCount = 0;
  #contentLength: string | undefined = undefined;
  #contentLengthCount = 0;
  #transferEncoding: string | undefined = undefined;
  #connection: string | undefined = undefined;
  #saysKeepAlive = false;
  #expect: string | undefined = undefined;
  #upgrade: string | undefined = undefined;

  restart(): void {
    this.#host = undefined;
    this.#hostCount = 0;
    this.#contentLength = undefined;
    this.#contentLengthCount = 0;
    this.#transferEncoding = undefined;
    this.#connection = undefined;
    this.#saysKeepAlive = false;
    this.#expect = undefined;
    this.#upgrade = undefined;
  }

  onField(bytes: Buffer, name: Span, value: Span): void {
    switch (name.end - name.start) {
      case 4:
        if (isName(bytes, name.start, "host")) {
          this.#hostCount++;
          this.#host = hostText(bytes, value);
        }
        break;
      case 6:
        if (isName(bytes, name.start, "expect")) {
          this.#expect = listed(this.#expect, bytes, value);
        }
        break;
      case 7:
        if (isName(bytes, name.start, "upgrade")) {
          this.#upgrade = listed(this.#upgrade, bytes, value);
        }
        break;
      case 10:
        if (isName(bytes, name.start, "connection")) {
          if (isKeepAlive(bytes, value)) this.#saysKeepAlive = true;
          else this.#connection = listed(this.#connection, bytes, value);
        }
        break;
      case 14:
        if (isName(bytes, name.start, "content-length")) {
          this.#contentLengthCount++;
          this.#contentLength = trimmedText(bytes, value);
        }
        break;
      case 17:
        if (isName(bytes, name.start, "transfer-encoding")) {
          this.#transferEncoding = listed(this.#transferEncoding, bytes, value);
        }
        break;
    }
  }

  /** RFC 9112 §3.2. @throws ProtocolError 400 */
  checkHost(isHttp10: boolean): void {
    if (this.#host === undefined) {
      if (!isHttp10) refuseHost("a request without Host");
      return;
    }
    if (this.#hostCount > 1) refuseHost("more than one Host");
    checkHost(this.#host);
  }

  /** RFC 9112 §6.3. @throws ProtocolError 400, 501 */
  framing(isHttp10: boolean): BodyFraming {
    const hasNeither =
      this.#contentLength === undefined && this.#transferEncoding === undefined;
    if (hasNeither) return 0;
    return bodyFraming({
      isHttp10,
      contentLength: this.#contentLength,
      contentLengthCount: this.#contentLengthCount,
      transferEncoding: this.#transferEncoding,
    });
  }

  /** RFC 9112 §9.3. */
  keepsAlive(isHttp10: boolean): boolean {
    const connection = this.#connection;
    if (connection === undefined) return !isHttp10 || this.#saysKeepAlive;
    if (hasOption(connection, "close")) return false;
    if (!isHttp10 || this.#saysKeepAlive) return true;
    return hasOption(connection, "keep-alive");
  }

  /** RFC 9110 §10.1.1. @throws ProtocolError 417 */
  expectsContinue(isHttp10: boolean): boolean {
    if (this.#expect === undefined || isHttp10) return false;
    if (this.#expect.toLowerCase() === "100-continue") return true;
    throw new ProtocolError(417, "expectation", "an unknown expectation");
  }

  /**
   * RFC 9110 §7.8. An upgrade behind a body is not taken: what follows the
   * body would be read by somebody else than the body itself.
   */
  upgrades(isHttp10: boolean, hasBody: boolean): readonly string[] {
    if (this.#upgrade === undefined || isHttp10 || hasBody) return NO_UPGRADES;
    const isMeant = hasOption(this.#connection ?? "", "upgrade");
    if (!isMeant) return NO_UPGRADES;
    const items = this.#upgrade.toLowerCase().split(",");
    return items.map(withoutBlanks).filter((item) => item !== "");
  }
}

/** Clients ask one host again and again: its text need not be made anew. */
function hostText(bytes: Buffer, value: Span): string {
  const start = value.start + (bytes[value.start] === SP ? 1 : 0);
  const isAgain =
    value.end - start === lastHost.length && isText(bytes, start, lastHost);
  if (!isAgain) lastHost = trimmedText(bytes, value);
  return lastHost;
}

let lastHost = "";

/** " keep-alive", as nearly every client says it. */
function isKeepAlive(bytes: Buffer, { start, end }: Span): boolean {
  if (bytes[start] !== SP) return false;
  const length = end - start - 1;
  return length === KEEP_ALIVE.length && isName(bytes, start + 1, KEEP_ALIVE);
}

const KEEP_ALIVE = "keep-alive";

/** RFC 9110 §5.3: repeated lines of a list are one list. */
function listed(list: string | undefined, bytes: Buffer, value: Span): string {
  const text = trimmedText(bytes, value);
  return list === undefined ? text : `${list},${text}`;
}

function hasOption(list: string, option: string): boolean {
  if (list.length === option.length) return list.toLowerCase() === option;
  if (list.length < option.length) return false;
  const items = list.toLowerCase().split(",");
  return items.some((item) => withoutBlanks(item) === option);
}

function refuseHost(message: string): never {
  throw new ProtocolError(400, "host", message);
}
