import { latin1 } from "./byte-text.ts";

/** Who keeps a piece of a text keeps all of it: so much at most. */
const MAX_CHARACTERS = 4_096;

const NO_BYTES = Buffer.alloc(0);

/**
 * The text of heads. Where others follow in the same bytes, it is made for as
 * many as fit: that costs as much as looking at a small head.
 *
 * Runs per request.
 */
export class TextWindow {
  #text = "";
  #start = 0;
  /** Those of a text that may be asked for again. */
  #bytes: Buffer = NO_BYTES;

  /** Where in the bytes the text given last begins. */
  get start(): number {
    return this.#start;
  }

  /** The same bytes may say something else from now on. */
  forget(): void {
    this.#text = "";
    this.#bytes = NO_BYTES;
  }

  /**
   * @returns a text with all from `start` to `end` in it, and with what fits of
   * the rest
   */
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
