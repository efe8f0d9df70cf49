/** Runs per chunk of a body that is read whole: one copy per chunk. */

const EMPTY = Buffer.alloc(0);
/** Part of the expected length that is allocated at once. */
const MIN_ROOM_BYTES = 65_536;
/**
 * Then this multiple of the received bytes: a client that declares a length and
 * sends nothing costs little memory.
 */
const GROWTH = 4;

/** Joins chunks into one buffer, copying each as it arrives. */
export class GrowingBytes {
  /** The declared length, if there is one. */
  readonly #expectedBytes: number | undefined;
  #room: Buffer = EMPTY;
  #byteLength = 0;

  constructor(expectedBytes?: number) {
    this.#expectedBytes = expectedBytes;
  }

  /** With a copy of some bytes, and room for no more. */
  static of(bytes: Uint8Array): GrowingBytes {
    const growing = new GrowingBytes();
    growing.add(bytes);
    return growing;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Copies a chunk. */
  add(chunk: Uint8Array): void {
    const end = this.#byteLength + chunk.length;
    if (end > this.#room.length) this.#grow(end);
    this.#room.set(chunk, this.#byteLength);
    this.#byteLength = end;
  }

  /** All bytes so far, without a copy. */
  whole(): Buffer {
    return this.#room.subarray(0, this.#byteLength);
  }

  #grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafe(this.#roomFor(neededBytes));
    grown.set(this.whole());
    this.#room = grown;
  }

  #roomFor(neededBytes: number): number {
    const limit = Math.max(MIN_ROOM_BYTES, neededBytes * GROWTH);
    if (this.#expectedBytes === undefined) {
      return Math.max(neededBytes, 2 * this.#room.length);
    }
    return Math.max(neededBytes, Math.min(this.#expectedBytes, limit));
  }
}
