/**
 * The fields of a head that the server itself acts on: Host, framing,
 * persistence, expectation and upgrade. Runs per field line: values of other
 * fields are not made into strings.
 */
import type { AcceptedRequests } from "../../http/accepted-requests.ts";
import { isHost } from "../../http/fields/is-host.ts";
import { NO_UPGRADES } from "../../http/http-request.ts";
import { COLON, DIGIT_0, endOfRun, IS_USUAL_HOST, SP } from "../bytes.ts";
import { type BodyFraming, bodyFraming } from "../framing.ts";
import { ProtocolError } from "../protocol-error.ts";
import {
  isName,
  listItems,
  textBytes,
  trimmedText,
  withoutBlanks,
} from "./byte-text.ts";
import type { FieldLine, FieldListener } from "./field-section.ts";

const MAX_PORT = 65_535;

const HOST = textBytes("host");
const EXPECT = textBytes("expect");
const UPGRADE = textBytes("upgrade");
const CONNECTION = textBytes("connection");
const CONTENT_LENGTH = textBytes("content-length");
const TRANSFER_ENCODING = textBytes("transfer-encoding");

const NAME_LENGTHS = [
  HOST,
  EXPECT,
  UPGRADE,
  CONNECTION,
  CONTENT_LENGTH,
  TRANSFER_ENCODING,
].reduce((lengths, { length }) => lengths | (1 << length), 0);

export class KnownFields implements FieldListener {
  readonly nameLengths = NAME_LENGTHS;
  #hostCount = 0;
  /** A host that `isUsualHost` does not accept: it is checked as text. */
  #unusualHost: string | undefined = undefined;
  /** Whether any of the members below is set. */
  #hasOthers = false;
  #contentLength: string | undefined = undefined;
  #contentLengthCount = 0;
  #transferEncoding: string | undefined = undefined;
  #connection: string | undefined = undefined;
  #hasKeepAlive = false;
  #expect: string | undefined = undefined;
  #upgrade: string | undefined = undefined;

  restart(): void {
    this.#hostCount = 0;
    this.#unusualHost = undefined;
    if (this.#hasOthers) this.#restartOthers();
  }

  #restartOthers(): void {
    this.#hasOthers = false;
    this.#contentLength = undefined;
    this.#contentLengthCount = 0;
    this.#transferEncoding = undefined;
    this.#connection = undefined;
    this.#hasKeepAlive = false;
    this.#expect = undefined;
    this.#upgrade = undefined;
  }

  onField(bytes: Buffer, line: FieldLine): void {
    const { nameStart } = line;
    switch (line.nameEnd - nameStart) {
      case HOST.length:
        if (isName(bytes, nameStart, HOST)) this.#onHost(bytes, line);
        break;
      case EXPECT.length:
        if (isName(bytes, nameStart, EXPECT)) {
          this.#hasOthers = true;
          this.#expect = listed(this.#expect, bytes, line);
        }
        break;
      case UPGRADE.length:
        if (isName(bytes, nameStart, UPGRADE)) {
          this.#hasOthers = true;
          this.#upgrade = listed(this.#upgrade, bytes, line);
        }
        break;
      case CONNECTION.length:
        if (isName(bytes, nameStart, CONNECTION)) {
          this.#hasOthers = true;
          if (isKeepAlive(bytes, line)) this.#hasKeepAlive = true;
          else this.#connection = listed(this.#connection, bytes, line);
        }
        break;
      case CONTENT_LENGTH.length:
        if (isName(bytes, nameStart, CONTENT_LENGTH)) {
          this.#hasOthers = true;
          this.#contentLengthCount++;
          this.#contentLength = valueText(bytes, line);
        }
        break;
      case TRANSFER_ENCODING.length:
        if (isName(bytes, nameStart, TRANSFER_ENCODING)) {
          this.#hasOthers = true;
          this.#transferEncoding = listed(this.#transferEncoding, bytes, line);
        }
        break;
    }
  }

  #onHost(bytes: Buffer, { valueStart, valueEnd }: FieldLine): void {
    this.#hostCount++;
    const start = bytes[valueStart] === SP ? valueStart + 1 : valueStart;
    if (isUsualHost(bytes, start, valueEnd)) return;
    this.#unusualHost = trimmedText(bytes, start, valueEnd);
  }

  get hasFraming(): boolean {
    return (
      this.#contentLength !== undefined || this.#transferEncoding !== undefined
    );
  }

  /** RFC 9112 §3.2. @throws ProtocolError 400 */
  checkHost(isHttp10: boolean): void {
    if (this.#hostCount > 1) refuseHost("more than one Host");
    if (this.#hostCount === 0 && !isHttp10) {
      refuseHost("a request without Host");
    }
    if (this.#unusualHost !== undefined) checkHost(this.#unusualHost);
  }

  /** RFC 9112 §6.3. @throws ProtocolError 400, 501 */
  framing(isHttp10: boolean): BodyFraming {
    if (!this.hasFraming) return 0;
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
    if (connection === undefined) return !isHttp10 || this.#hasKeepAlive;
    if (hasOption(connection, "close")) return false;
    if (!isHttp10 || this.#hasKeepAlive) return true;
    return hasOption(connection, "keep-alive");
  }

  /** RFC 9110 §10.1.1. @throws ProtocolError 417 */
  expectsContinue(
    isHttp10: boolean,
    accepts: Pick<AcceptedRequests, "expectation">,
  ): boolean {
    if (this.#expect === undefined || isHttp10) return false;
    const members = listItems(this.#expect.toLowerCase());
    if (members.every((member) => member === "100-continue")) {
      return members.length > 0;
    }
    if (accepts.expectation()) return false;
    throw new ProtocolError(417, "expectation", "an unknown expectation");
  }

  /**
   * RFC 9110 §7.8. An upgrade after a body is ignored: the server would have to
   * read the body before it gives the socket away.
   */
  upgrades(isHttp10: boolean, hasBody: boolean): readonly string[] {
    if (this.#upgrade === undefined || isHttp10 || hasBody) return NO_UPGRADES;
    const isOption = hasOption(this.#connection ?? "", "upgrade");
    if (!isOption) return NO_UPGRADES;
    return listItems(this.#upgrade.toLowerCase());
  }
}

/** Whether the value is " keep-alive", as nearly every client sends it. */
function isKeepAlive(bytes: Buffer, line: FieldLine): boolean {
  const { valueStart, valueEnd } = line;
  if (bytes[valueStart] !== SP) return false;
  const length = valueEnd - valueStart - 1;
  if (length !== KEEP_ALIVE.length) return false;
  return isName(bytes, valueStart + 1, KEEP_ALIVE);
}

const KEEP_ALIVE = textBytes("keep-alive");

/** RFC 9110 §5.3: repeated lines of a list form one list. */
function listed(
  list: string | undefined,
  bytes: Buffer,
  line: FieldLine,
): string {
  const text = valueText(bytes, line);
  return list === undefined ? text : `${list},${text}`;
}

function valueText(bytes: Buffer, { valueStart, valueEnd }: FieldLine): string {
  return trimmedText(bytes, valueStart, valueEnd);
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

/**
 * Whether the bytes are a registered name or an IPv4 address with an optional
 * port. Runs per request and makes no string; all other hosts take `checkHost`.
 */
function isUsualHost(bytes: Buffer, start: number, end: number): boolean {
  const nameEnd = endOfRun(bytes, start, end, IS_USUAL_HOST);
  if (nameEnd === start) return false;
  if (nameEnd === end) return true;
  return bytes[nameEnd] === COLON && isPort(bytes, nameEnd + 1, end);
}

/** RFC 3986 §3.2.3: a port may be empty and may have leading zeros. */
function isPort(bytes: Buffer, start: number, end: number): boolean {
  let port = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > MAX_PORT) return false;
  }
  return true;
}

/** @throws ProtocolError 400 unless `host` is one host with an optional port */
export function checkHost(host: string): string {
  if (!isHost(host)) {
    throw new ProtocolError(400, "host", "an invalid Host");
  }
  return host;
}
