import { latin1 } from "./byte-text.ts";

/** V8 keeps a whole string alive for each slice of it: at most that much. */
const MAX_CHARACTERS = 4_096;

const NO_BYTES = Buffer.alloc(0);

/**
 * Decodes heads to text. Of pipelined heads several are decoded in one call,
 * which costs about as much as checking one small head.
 *
 * Runs per request.
 */
export class TextWindow {
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
