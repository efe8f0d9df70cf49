/**
 * A response body that the app writes and the connection reads: chunks wait
 * here in between. Runs per chunk; chunks written in one tick are joined.
 */
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";

export interface ChunkQueueOwner {
  /** The chunk that was taken last has been sent. */
  onRoom(): void;
  /** All chunks have been sent. */
  onSent(): void;
  /** The connection takes no further chunks. */
  onCancelled(): void;
}

export type Chunk = string | Uint8Array;

/** Chunks are joined up to this size. */
const MAX_JOINED_BYTES = 65_536;

/**
 *   state  | the queue                               | event that ends it
 *   open   | takes chunks                            | end, failure, destroy
 *   ended  | is complete; chunks may still wait      | all sent, destroy
 *   failed | ends with an error after waiting chunks | destroy
 *   over   | is empty, and stays so                  |
 */
type State = "open" | "ended" | "failed" | "over";

const TRANSITIONS: TransitionTable<State> = {
  open: ["ended", "failed", "over"],
  ended: ["over"],
  failed: ["over"],
  over: [],
};

type Result = IteratorResult<Chunk, undefined>;

export class ChunkQueue implements AsyncIterableIterator<Chunk> {
  readonly #owner: ChunkQueueOwner;
  #state: State = "open";
  #failure: Error | undefined = undefined;
  #chunks: Chunk[] = [];
  #queuedBytes = 0;
  /** Bytes that the connection took and has not asked to follow up yet. */
  #takenBytes = 0;
  #wake: (() => void) | undefined = undefined;

  constructor(owner: ChunkQueueOwner) {
    this.#owner = owner;
  }

  /** Bytes that the connection has not taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(chunk: Chunk): void {
    if (this.#state !== "open" || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#queuedBytes += Buffer.byteLength(chunk);
    this.#wakeReader();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#move("ended");
    this.#wakeReader();
  }

  /** The reader gets the error after the chunks that were pushed before. */
  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.#move("failed");
    this.#failure = error;
    this.#wakeReader();
  }

  // --- for the connection

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Gives the next chunk. A call means that the previous one was sent. */
  async next(): Promise<Result> {
    if (this.#takenBytes > 0) this.#owner.onRoom();
    this.#takenBytes = 0;
    if (this.#chunks.length === 0 && this.#state === "open") {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length > 0) return { done: false, value: this.#take() };
    if (this.#state === "failed") throw this.#failure;
    if (this.#state === "ended") {
      this.#owner.onSent();
      this.#move("over");
    }
    return { done: true, value: undefined };
  }

  /** Drops the waiting chunks; the name is that of a `Readable`'s method. */
  destroy(): void {
    if (this.#state === "over") return;
    this.#move("over");
    this.#chunks = [];
    this.#queuedBytes = 0;
    this.#wakeReader();
    this.#owner.onCancelled();
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  #take(): Chunk {
    const chunks = this.#chunks;
    let count = 0;
    let bytes = 0;
    while (count < chunks.length) {
      const chunkBytes = Buffer.byteLength(chunks[count] as Chunk);
      if (count > 0 && bytes + chunkBytes > MAX_JOINED_BYTES) break;
      bytes += chunkBytes;
      count++;
    }
    const joined = join(chunks.splice(0, count));
    this.#queuedBytes -= bytes;
    this.#takenBytes = bytes;
    return joined;
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function join(chunks: readonly Chunk[]): Chunk {
  if (chunks.length === 1) return chunks[0] as Chunk;
  const areTexts = chunks.every((chunk) => typeof chunk === "string");
  if (areTexts) return chunks.join("");
  return Buffer.concat(
    chunks.map((chunk) =>
      typeof chunk === "string" ? Buffer.from(chunk) : chunk,
    ),
  );
}
