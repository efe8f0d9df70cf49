const EMPTY = Buffer.alloc(0);
/** This many small chunks are joined. */
const MAX_LOOSE_CHUNKS = 128;
/** Chunks that are larger together are not copied. */
const MAX_JOINED_BYTES = 65_536;

/**
 * Chunks in order. A client may send a body byte by byte, and a Buffer costs
 * about a hundred bytes whatever its length: so small chunks are joined.
 */
export class ChunkBuffer {
  readonly #chunks: Buffer[] = [];
  /** The last chunks, which have not been considered for joining. */
  #looseCount = 0;
  #looseBytes = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  /** In order; none is empty if none was added empty. */
  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.length;
    this.#looseBytes += chunk.length;
    if (++this.#looseCount === MAX_LOOSE_CHUNKS) this.#joinLoose();
  }

  /** Removes the first chunk. */
  shift(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (!chunk) return undefined;
    this.#byteLength -= chunk.length;
    if (this.#looseCount > this.#chunks.length) {
      this.#looseCount--;
      this.#looseBytes -= chunk.length;
    }
    return chunk;
  }

  /** All bytes; not copied if they are in one chunk. */
  whole(): Buffer {
    const [first = EMPTY, second] = this.#chunks;
    return second ? Buffer.concat(this.#chunks) : first;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#looseCount = 0;
    this.#looseBytes = 0;
    this.#byteLength = 0;
  }

  #joinLoose(): void {
    if (this.#looseBytes <= MAX_JOINED_BYTES) {
      const loose = this.#chunks.splice(-MAX_LOOSE_CHUNKS);
      this.#chunks.push(Buffer.concat(loose));
    }
    this.#looseCount = 0;
    this.#looseBytes = 0;
  }
}
