/**
 * The head of a request: bytes in, `RequestHead` or `undefined` ("more is
 * needed") out, `ProtocolError` for bytes that no further ones can make a head.
 *
 *   empty lines ─► request line ─► field lines ─► empty line ─► RequestHead
 *
 * Each part keeps where the bytes ended and goes on from there, so a head that
 * comes in pieces costs no more to check than one that comes whole.
 */
import { NOTHING_MORE } from "../../http/accepted-requests.ts";
import { CR } from "../bytes.ts";
import type { ParserLimits } from "../parser-limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { isText, textBytes } from "./byte-text.ts";
import { FieldSection } from "./field-section.ts";
import { HeadMaker } from "./head-maker.ts";
import { KnownFields } from "./known-fields.ts";
import type { RequestHead } from "./request-head.ts";
import { RequestLine } from "./request-line.ts";

const HEAD = textBytes("HEAD");

export class HeadParser {
  readonly #maxBytes: number;
  readonly #known = new KnownFields();
  readonly #maker: HeadMaker;
  readonly #line: RequestLine;
  readonly #fields: FieldSection;
  #endOffset = 0;

  constructor(limits: ParserLimits) {
    this.#maker = new HeadMaker(this.#known, limits.accepts ?? NOTHING_MORE);
    this.#maxBytes = limits.maxHeadBytes;
    this.#line = new RequestLine(limits);
    this.#fields = new FieldSection(limits, "field", this.#known);
  }

  /** Where in the bytes the head that `parse` returned ends. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Whether a head has begun: an empty line does not begin one. */
  hasBegun(bytes: Buffer): boolean {
    const { start } = this.#line;
    return start < bytes.length && bytes[start] !== CR;
  }

  /** Whether the method is HEAD, also of a head that is refused. */
  isForHead(bytes: Buffer): boolean {
    const { start, methodEnd } = this.#line;
    return methodEnd - start === HEAD.length && isText(bytes, start, HEAD);
  }

  /**
   * Begins the next head.
   *
   * @param offset where it begins: 0 in other bytes, more in the same
   */
  restart(offset = 0): void {
    if (offset === 0) this.#maker.forgetBytes();
    this.#line.restart(offset);
    this.#known.restart();
  }

  /**
   * @param bytes all that came since `restart`, also in earlier calls: offsets
   * must mean the same bytes
   * @throws ProtocolError
   */
  parse(bytes: Buffer): RequestHead | undefined {
    const line = this.#line;
    if (line.end === 0) {
      if (!line.read(bytes)) return undefined;
      this.#fields.restart(line.end);
    }
    const limit = line.start + this.#maxBytes;
    const end = Math.min(bytes.length, limit);
    const headEnd = this.#fields.read(bytes, end);
    if (headEnd < 0) {
      if (end === limit) this.#refuseSize();
      return undefined;
    }
    this.#endOffset = headEnd;
    return this.#maker.make(bytes, line, headEnd);
  }

  #refuseSize(): never {
    const text = `a head over ${this.#maxBytes} bytes`;
    throw new ProtocolError(431, "head_too_large", text);
  }
}
