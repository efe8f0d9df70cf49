/**
 * Joins small pieces of content. Each piece costs its reader a Buffer and a
 * promise, but costs the client only a few bytes. Runs per chunk.
 */
import type { OnChunk } from "./body-decoder.ts";

/** One read cannot bring many larger pieces. */
const MAX_SMALL_BYTES = 1_024;
const MAX_JOINED_BYTES = 16_384;
/** Up to this length a loop is faster than `copy`. */
const MAX_LOOP_BYTES = 32;

interface Span {
  readonly start: number;
  readonly end: number;
}

export class SmallPieces {
  readonly #joined = Buffer.allocUnsafeSlow(MAX_JOINED_BYTES);
  #length = 0;

  restart(): void {
    this.#length = 0;
  }

  /** Passes a piece on in order: a small one together with those after it. */
  add(bytes: Buffer, { start, end }: Span, onChunk: OnChunk): void {
    const length = end - start;
    if (this.#length + length > MAX_JOINED_BYTES) this.flush(onChunk);
    if (length > MAX_SMALL_BYTES) {
      this.flush(onChunk);
      onChunk(bytes.subarray(start, end));
    } else {
      this.#copy(bytes, start, end);
    }
  }

  /** Passes on the joined bytes, which are valid until `onChunk` returns. */
  flush(onChunk: OnChunk): void {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    onChunk(this.#joined.subarray(0, length));
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    const joined = this.#joined;
    if (end - start > MAX_LOOP_BYTES) {
      bytes.copy(joined, this.#length, start, end);
      this.#length += end - start;
      return;
    }
    for (let at = start; at < end; at++) {
      joined[this.#length++] = bytes[at] as number;
    }
  }
}
