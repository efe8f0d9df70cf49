const EMPTY = Buffer.alloc(0);
/** So many loose pieces are joined, unless they are large anyway. */
const MAX_LOOSE_PIECES = 128;
const MAX_JOINED_BYTES = 65_536;

/**
 * Bytes that come in pieces, to be one in the end. A client may send its body
 * byte by byte, and a Buffer costs about a hundred bytes whatever is in it: so
 * small pieces are joined on the way.
 */
export class GatheredBytes {
  readonly #joined: Buffer[] = [];
  #loose: Buffer[] = [];
  #looseBytes = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  add(piece: Buffer): void {
    this.#loose.push(piece);
    this.#looseBytes += piece.length;
    this.#byteLength += piece.length;
    if (this.#loose.length === MAX_LOOSE_PIECES) this.#join();
  }

  /** In order; none is empty. */
  pieces(): readonly Buffer[] {
    return [...this.#joined, ...this.#loose];
  }

  /** All of it; without a copy where it came in one piece. */
  whole(): Buffer {
    const pieces = this.pieces();
    if (pieces.length === 0) return EMPTY;
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  #join(): void {
    if (this.#looseBytes > MAX_JOINED_BYTES) this.#joined.push(...this.#loose);
    else this.#joined.push(Buffer.concat(this.#loose));
    this.#loose = [];
    this.#looseBytes = 0;
  }
}
