import type { ParserLimits } from "../parser-limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { BodyDecoder, OnChunk } from "./body-decoder.ts";

/** A body with a Content-Length, RFC 9112 §6.2. */
export class LengthDecoder implements BodyDecoder {
  readonly trailers = undefined;
  #remainingBytes: number;

  /** @throws ProtocolError 413 */
  constructor(length: number, { maxBodyBytes }: ParserLimits) {
    if (length > maxBodyBytes) {
      const text = `a body over ${maxBodyBytes} bytes`;
      throw new ProtocolError(413, "body_too_large", text);
    }
    this.#remainingBytes = length;
  }

  get isDone(): boolean {
    return this.#remainingBytes === 0;
  }

  get remainingBytes(): number {
    return this.#remainingBytes;
  }

  decode(bytes: Buffer, start: number, onChunk: OnChunk): number {
    const end = Math.min(bytes.length, start + this.#remainingBytes);
    this.#remainingBytes -= end - start;
    if (end > start) onChunk(bytes.subarray(start, end));
    return end;
  }
}
