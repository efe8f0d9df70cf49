/**
 * Makes a `RequestHead` of a head that follows the grammar, and checks what the
 * grammar leaves open. Runs per request: the fields stay one text until a
 * handler asks for one.
 */

import type { AcceptedRequests } from "../../http/accepted-requests.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import { ProtocolError } from "../protocol-error.ts";
import { isText, latin1, textBytes } from "./byte-text.ts";
import type { KnownFields } from "./known-fields.ts";
import type { RequestHead } from "./request-head.ts";
import type { RequestLine } from "./request-line.ts";
import { resolveTarget } from "./request-target.ts";

const SLASH = 0x2f;

const USUAL_METHODS = [
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "PATCH",
  "DELETE",
  "OPTIONS",
].map((text) => ({ text, bytes: textBytes(text) }));

export class HeadMaker {
  readonly #known: KnownFields;
  readonly #accepts: AcceptedRequests;
  readonly #window = new TextWindow();

  /**
   * @param known has been given the fields of the head that is made
   * @param accepts what would be refused otherwise
   */
  constructor(known: KnownFields, accepts: AcceptedRequests) {
    this.#known = known;
    this.#accepts = accepts;
  }

  /** Must be called when the bytes change, even in the same buffer. */
  forgetBytes(): void {
    this.#window.forget();
  }

  /**
   * @param headEnd after the empty line
   * @throws ProtocolError
   */
  make(bytes: Buffer, line: RequestLine, headEnd: number): RequestHead {
    const { isHttp10, methodEnd, targetEnd } = line;
    const method = methodText(bytes, line.start, methodEnd);
    const text = this.#text(bytes, methodEnd + 1, headEnd);
    const offset = this.#window.start;
    const sent = text.slice(methodEnd + 1 - offset, targetEnd - offset);
    const headers = HttpHeaders.fromCheckedLines(
      text,
      line.end - offset,
      headEnd - 2 - offset,
    );
    const target = this.#resolved(method, sent, headers);
    const known = this.#known;
    known.checkHost(isHttp10);
    const framing = known.framing(isHttp10);
    if (framing !== 0 && method === "CONNECT") {
      throw new ProtocolError(400, "framing", "CONNECT with a body");
    }
    return {
      method,
      target,
      rawTarget: sent,
      httpVersion: isHttp10 ? "1.0" : "1.1",
      headers,
      framing,
      keepsAlive: known.keepsAlive(isHttp10),
      expectsContinue: known.expectsContinue(isHttp10, this.#accepts),
      upgrades: known.upgrades(isHttp10, framing !== 0),
    };
  }

  #resolved(method: string, sent: string, headers: HttpHeaders): string {
    if (sent.charCodeAt(0) === SLASH && method !== "CONNECT") return sent;
    const { target, authority } = resolveTarget(method, sent, this.#accepts);
    // RFC 9112 §3.2.2: the target's authority replaces the Host field.
    if (authority !== undefined) headers.set("Host", authority);
    return target;
  }

  /** Bytes of a body that may follow are not made into text. */
  #text(bytes: Buffer, start: number, end: number): string {
    const window = this.#window;
    return this.#known.hasFraming
      ? window.readOnly(bytes, start, end)
      : window.read(bytes, start, end);
  }
}

/** The usual methods are not made into text anew. */
function methodText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  for (const usual of USUAL_METHODS) {
    const isSame =
      usual.bytes.length === length && isText(bytes, start, usual.bytes);
    if (isSame) return usual.text;
  }
  return latin1(bytes, start, end);
}

/** V8 keeps a whole string alive for each slice of it: at most that much. */
const MAX_CHARACTERS = 4_096;

const NO_BYTES = Buffer.alloc(0);

/**
 * Decodes heads to text. Of pipelined heads several are decoded in one call,
 * which costs about as much as checking one small head.
 *
 * Runs per request.
 */
class TextWindow {
  #text = "";
  #start = 0;
  /** The bytes that `#text` was made of. */
  #bytes: Buffer = NO_BYTES;

  /** Offset in the bytes of the text that was returned last. */
  get start(): number {
    return this.#start;
  }

  /** Must be called when a buffer may have new content. */
  forget(): void {
    this.#text = "";
    this.#bytes = NO_BYTES;
  }

  /** @returns a text that includes `start` to `end`; see `start` */
  read(bytes: Buffer, start: number, end: number): string {
    const isIn =
      bytes === this.#bytes && end <= this.#start + this.#text.length;
    const text = isIn ? this.#text : this.#made(bytes, start, end);
    if (end === bytes.length) this.forget();
    return text;
  }

  /** @returns the text from `start` to `end` */
  readOnly(bytes: Buffer, start: number, end: number): string {
    this.forget();
    this.#start = start;
    return latin1(bytes, start, end);
  }

  #made(bytes: Buffer, start: number, end: number): string {
    const last = Math.min(bytes.length, start + MAX_CHARACTERS);
    this.#text = latin1(bytes, start, Math.max(end, last));
    this.#start = start;
    this.#bytes = bytes;
    return this.#text;
  }
}
