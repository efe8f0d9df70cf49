/** Runs per chunk: the promise that the reader of a body waits for. */
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import type { GrowingBytes } from "./growing-bytes.ts";

export type BodyChunk = IteratorResult<Buffer, undefined>;

export const BODY_END: BodyChunk = { done: true, value: undefined };

type State =
  | { readonly type: "idle" }
  /** It waits for the next chunk. */
  | {
      readonly type: "waiting";
      readonly resolve: (chunk: BodyChunk) => void;
      readonly reject: (error: Error) => void;
    }
  /** It waits for the whole body. */
  | {
      readonly type: "gathering";
      readonly bytes: GrowingBytes;
      readonly resolve: (bytes: Buffer) => void;
      readonly reject: (error: Error) => void;
    };

const TRANSITIONS: TransitionTable<State["type"]> = {
  idle: ["waiting", "gathering"],
  waiting: ["idle"],
  gathering: ["idle"],
};

const IDLE: State = { type: "idle" };

/** The reader of a request body, from the first read on. */
export class BodyReader {
  #state: State = IDLE;

  /** Whether it waits for bytes that have not arrived. */
  get isStarving(): boolean {
    return this.#state !== IDLE;
  }

  get isWaiting(): boolean {
    return this.#state.type === "waiting";
  }

  /** The bytes so far, if the whole body is read at once. */
  get gathered(): GrowingBytes | undefined {
    const state = this.#state;
    return state.type === "gathering" ? state.bytes : undefined;
  }

  waitForChunk(): Promise<BodyChunk> {
    return new Promise((resolve, reject) => {
      this.#move({ type: "waiting", resolve, reject });
    });
  }

  /** @param bytes the beginning of the body, which the caller adds to */
  waitForAll(bytes: GrowingBytes): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#move({ type: "gathering", bytes, resolve, reject });
    });
  }

  /** Hands a chunk to the reader, if it waits for one. */
  give(chunk: BodyChunk): void {
    const state = this.#state;
    if (state.type !== "waiting") return;
    this.#move(IDLE);
    state.resolve(chunk);
  }

  /** The body has ended. */
  end(): void {
    const state = this.#state;
    if (state.type === "gathering") {
      this.#move(IDLE);
      state.resolve(state.bytes.whole());
    } else this.give(BODY_END);
  }

  /** The body has failed. */
  fail(error: Error): void {
    const state = this.#state;
    if (state.type === "idle") return;
    this.#move(IDLE);
    state.reject(error);
  }

  #move(to: State): void {
    transition(TRANSITIONS, this.#state.type, to.type);
    this.#state = to;
  }
}
