/**
 * A body that is written by one side and taken by the other: pieces wait here
 * until the connection takes them. Runs per piece; what was written in one
 * tick is taken as one.
 */

/** Told how the taking goes. */
export interface ChunkQueueOwner {
  /** What was taken has been sent, and there is room again. */
  onRoom(): void;
  /** All of it has been sent. */
  onSent(): void;
  /** Nobody takes the rest. */
  onCancelled(): void;
}

export type Chunk = string | Uint8Array;

/** Pieces are joined up to so much. */
const MAX_JOINED_BYTES = 65_536;

type State = "open" | "ended" | "failed" | "over";
type Result = IteratorResult<Chunk, undefined>;

export class ChunkQueue implements AsyncIterableIterator<Chunk> {
  readonly #owner: ChunkQueueOwner;
  #state: State = "open";
  #failure: Error | undefined = undefined;
  #pieces: Chunk[] = [];
  #queuedBytes = 0;
  /** Whether a piece is with the connection. */
  #isTaken = false;
  #wake: (() => void) | undefined = undefined;

  constructor(owner: ChunkQueueOwner) {
    this.#owner = owner;
  }

  /** Of what nobody has taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(piece: Chunk): void {
    if (this.#state !== "open" || piece.length === 0) return;
    this.#pieces.push(piece);
    this.#queuedBytes += Buffer.byteLength(piece);
    this.#wakeTaker();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#wakeTaker();
  }

  /** Whoever takes it gets the error after what was pushed before. */
  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#failure = error;
    this.#wakeTaker();
  }

  // --- for the connection

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next piece; to ask for it says that those before have been sent. */
  async next(): Promise<Result> {
    if (this.#isTaken) this.#owner.onRoom();
    this.#isTaken = false;
    if (this.#pieces.length === 0 && this.#state === "open") {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#pieces.length > 0) return { done: false, value: this.#take() };
    if (this.#state === "failed") throw this.#failure;
    if (this.#state === "ended") this.#owner.onSent();
    this.#state = "over";
    return { done: true, value: undefined };
  }

  /** Nobody takes the rest: as of a `Readable`. */
  destroy(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#pieces = [];
    this.#queuedBytes = 0;
    this.#wakeTaker();
    this.#owner.onCancelled();
  }

  #take(): Chunk {
    const pieces = this.#pieces;
    let count = 0;
    let bytes = 0;
    while (count < pieces.length) {
      const pieceBytes = Buffer.byteLength(pieces[count] as Chunk);
      if (count > 0 && bytes + pieceBytes > MAX_JOINED_BYTES) break;
      bytes += pieceBytes;
      count++;
    }
    const joined = join(pieces.splice(0, count));
    this.#queuedBytes -= bytes;
    this.#isTaken = true;
    return joined;
  }

  #wakeTaker(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function join(pieces: readonly Chunk[]): Chunk {
  if (pieces.length === 1) return pieces[0] as Chunk;
  const areTexts = pieces.every((piece) => typeof piece === "string");
  if (areTexts) return pieces.join("");
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === "string" ? Buffer.from(piece) : piece,
    ),
  );
}
