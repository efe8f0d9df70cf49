/** Runs per chunk of a body that is read whole: one copy, into its place. */

const EMPTY = Buffer.alloc(0);
/** Of what is said to come, room is made for so much at once. */
const MIN_ROOM_BYTES = 65_536;
/** Then for so many times what has come: who only promises costs little. */
const GROWTH = 4;

/** Bytes that come in pieces, copied as they come to be one in the end. */
export class GrowingBytes {
  /** How much will come, where that has been said. */
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

  /** Copies a piece. */
  add(piece: Uint8Array): void {
    const end = this.#byteLength + piece.length;
    if (end > this.#room.length) this.#grow(end);
    this.#room.set(piece, this.#byteLength);
    this.#byteLength = end;
  }

  /** All that has come, not copied. */
  whole(): Buffer {
    return this.#room.subarray(0, this.#byteLength);
  }

  #grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafe(this.#roomFor(neededBytes));
    grown.set(this.whole());
    this.#room = grown;
  }

  #roomFor(neededBytes: number): number {
    const most = Math.max(MIN_ROOM_BYTES, neededBytes * GROWTH);
    if (this.#expectedBytes === undefined) {
      return Math.max(neededBytes, 2 * this.#room.length);
    }
    return Math.max(neededBytes, Math.min(this.#expectedBytes, most));
  }
}
