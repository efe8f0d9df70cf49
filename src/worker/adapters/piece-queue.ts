/**
 * A body that is written by one side and taken by the other: pieces wait here
 * until the connection takes them. Runs per piece; what was written in one
 * tick is taken as one.
 */

/** Told how the taking goes. */
export interface PieceQueueOwner {
  /** What was taken has been sent, and there is room again. */
  onRoom(): void;
  /** All of it has been sent. */
  onSent(): void;
  /** Nobody takes the rest. */
  onCancelled(): void;
}

export type Piece = string | Uint8Array;

/** Pieces are joined up to so much. */
const MAX_JOINED_BYTES = 65_536;

type State = "open" | "ended" | "failed" | "over";
type Result = IteratorResult<Piece, undefined>;

export class PieceQueue implements AsyncIterableIterator<Piece> {
  readonly #owner: PieceQueueOwner;
  #state: State = "open";
  #failure: Error | undefined = undefined;
  #pieces: Piece[] = [];
  #queuedBytes = 0;
  /** Whether a piece is with the connection. */
  #isTaken = false;
  #wake: (() => void) | undefined = undefined;

  constructor(owner: PieceQueueOwner) {
    this.#owner = owner;
  }

  /** Of what nobody has taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(piece: Piece): void {
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

  #take(): Piece {
    const pieces = this.#pieces;
    let count = 0;
    let bytes = 0;
    while (count < pieces.length) {
      const pieceBytes = Buffer.byteLength(pieces[count] as Piece);
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

function join(pieces: readonly Piece[]): Piece {
  if (pieces.length === 1) return pieces[0] as Piece;
  const areTexts = pieces.every((piece) => typeof piece === "string");
  if (areTexts) return pieces.join("");
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === "string" ? Buffer.from(piece) : piece,
    ),
  );
}
