/**
 * Joins small pieces of content: each costs its reader a Buffer and a promise,
 * where the client that cut it off pays a few bytes. Runs per chunk.
 */
import type { OnChunk } from "./body-decoder.ts";

/** Of larger ones a read can bring few. */
const MAX_SMALL_BYTES = 1_024;
const MAX_JOINED_BYTES = 16_384;
/** Up to here a loop copies faster than the system. */
const MAX_LOOP_BYTES = 32;

/** A place in bytes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export class SmallPieces {
  readonly #joined = Buffer.allocUnsafeSlow(MAX_JOINED_BYTES);
  #length = 0;

  /** Forgets what was not given on. */
  restart(): void {
    this.#length = 0;
  }

  /** Gives a piece on in its turn: a small one with those that follow. */
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

  /** Gives on what it holds; valid until `onChunk` returns. */
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
