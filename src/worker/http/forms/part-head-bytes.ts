/** Runs per part: a head in one chunk is not copied. */
import { HttpError } from "../http-error.ts";

/** Limit on the field lines of a part and the empty line after them. */
const MAX_HEAD_BYTES = 4_096;
const LINE_END = "\r\n";
const HEAD_END = "\r\n\r\n";
const CR = 0x0d;
const LF = 0x0a;

/** Finds the end of each part's head. */
export class PartHeadBytes {
  /** Bytes of earlier chunks; allocated on first use. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  #lines: string | undefined;

  /** The head in Latin-1, without the last CRLF; undefined until complete. */
  get lines(): string | undefined {
    return this.#lines;
  }

  restart(): void {
    this.#heldBytes = 0;
    this.#lines = undefined;
  }

  /**
   * @returns offset after the bytes that were read, at most the head's end
   * @throws HttpError 413
   */
  read(bytes: Buffer, start: number): number {
    const heldBytes = this.#heldBytes;
    const end = start + MAX_HEAD_BYTES - heldBytes;
    const fresh = bytes.subarray(start, end);
    const head = heldBytes === 0 ? fresh : this.#hold(fresh);
    const length = this.#find(head, heldBytes);
    if (length > 0) return start + length - heldBytes;
    if (head.length === MAX_HEAD_BYTES) {
      const text = `the head of a part over ${MAX_HEAD_BYTES} bytes`;
      throw new HttpError(413, text);
    }
    if (heldBytes === 0) this.#hold(fresh);
    return start + fresh.length;
  }

  /** @returns length of the head; 0 while it has no end */
  #find(head: Buffer, seenBytes: number): number {
    if (head[0] === CR && head[1] === LF) {
      this.#lines = "";
      return LINE_END.length;
    }
    const from = Math.max(0, seenBytes - HEAD_END.length + 1);
    const end = head.indexOf(HEAD_END, from, "latin1");
    if (end < 0) return 0;
    this.#lines = head.toString("latin1", 0, end);
    return end + HEAD_END.length;
  }

  #hold(fresh: Buffer): Buffer {
    this.#held ??= Buffer.allocUnsafe(MAX_HEAD_BYTES);
    this.#held.set(fresh, this.#heldBytes);
    this.#heldBytes += fresh.length;
    return this.#held.subarray(0, this.#heldBytes);
  }
}
