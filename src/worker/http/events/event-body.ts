/** Runs per event: one chunk, and a timer that is refreshed. */
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import { ignoreErrors } from "../body/chunk-source.ts";
import { isThenable } from "../is-thenable.ts";
import { encodeEvent, type ServerSentEvent } from "./encode-event.ts";

/** The client of an event stream. */
export interface EventClient {
  /** The id of the last event it received, sent as `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /** Aborts when the client has left, or when the worker starts to drain. */
  readonly signal: AbortSignal;
  /** Sends an event. @returns whether the stream is still open */
  send(event: ServerSentEvent | string): boolean;
  /** Ends the stream once all queued events have been sent. */
  close(): void;
}

export type Events = AsyncIterable<ServerSentEvent | string>;

/**
 * The source of events: an async iterable, or a function that returns one. A
 * function that returns nothing sends events through its client; if it returns
 * a promise of nothing, the stream ends when that is fulfilled.
 */
export type EventSource =
  | Events
  | ((client: EventClient) => Events | Promise<Events>)
  | ((client: EventClient) => void | Promise<void>);

export interface EventBodyInit {
  readonly source: EventSource;
  readonly lastEventId: string | undefined;
  /** Aborts when the worker starts to drain. */
  readonly drainSignal: AbortSignal;
  readonly heartbeatMs: number;
  readonly maxQueuedBytes: number;
  /** Sent before the first event. */
  readonly opening: string;
}

type Chunk = IteratorResult<string, undefined>;
type Waiter = {
  readonly resolve: (chunk: Chunk) => void;
  readonly reject: (error: unknown) => void;
};

const HEARTBEAT = ":\n\n";
const DONE: Chunk = { done: true, value: undefined };

/**
 *   state  | the stream                       | event that ends it
 *   new    | has no reader yet                | first read, client left
 *   open   | takes events                     | source ended, client left
 *   ending | sends what is queued, then ends  | all read, client left
 *   failed | sends what is queued, then fails | all read, client left
 *   ended  | is over                          |
 */
type State = "new" | "open" | "ending" | "failed" | "ended";

const TRANSITIONS: TransitionTable<State> = {
  new: ["open", "ended"],
  open: ["ending", "failed", "ended"],
  ending: ["ended"],
  failed: ["ended"],
  ended: [],
};

/**
 * The body of an event stream. The source is not used before the first read,
 * nor after the stream has ended.
 */
export class EventBody implements AsyncIterableIterator<string, undefined> {
  readonly #init: EventBodyInit;
  readonly #abort = new AbortController();
  #state: State = "new";
  #iterator: AsyncIterator<ServerSentEvent | string> | undefined;
  #pendingPull: Promise<void> | undefined;
  #queue = "";
  #queuedBytes = 0;
  #failure: unknown;
  #waiter: Waiter | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(init: EventBodyInit) {
    this.#init = init;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Chunk> {
    if (this.#state === "new") this.#begin();
    if (this.#queue !== "") return Promise.resolve(this.#takeQueue());
    switch (this.#state) {
      case "failed":
        this.#end();
        return Promise.reject(this.#failure);
      case "ending":
      case "ended":
        this.#end();
        return Promise.resolve(DONE);
      default:
        return this.#wait();
    }
  }

  /** The client has left. */
  async return(): Promise<Chunk> {
    this.#queue = "";
    this.#end();
    this.#wake();
    return DONE;
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  // --- the source

  #begin(): void {
    this.#move("open");
    this.#queue = this.#init.opening;
    const { source, drainSignal } = this.#init;
    if (drainSignal.aborted) {
      this.#finish();
      return;
    }
    drainSignal.addEventListener("abort", this.#finish, { once: true });
    try {
      const events =
        typeof source === "function" ? source(this.#client()) : source;
      if (!isThenable(events)) this.#iterate(events as Events | undefined);
      else {
        Promise.resolve(events)
          .then((given) => this.#onSettled(given as Events | undefined))
          .catch(this.#fail);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #client(): EventClient {
    return {
      lastEventId: this.#init.lastEventId,
      signal: this.#abort.signal,
      send: (event) => this.#send(event),
      close: this.#finish,
    };
  }

  #onSettled(events: Events | undefined): void {
    if (events === undefined) this.#finish();
    else this.#iterate(events);
  }

  #iterate(events: Events | undefined): void {
    if (!events) return;
    this.#iterator = events[Symbol.asyncIterator]();
    if (this.#state !== "open") this.#releaseSource();
    else if (this.#waiter) this.#pull();
  }

  /** Asks for one event at a time, when the client has room for it. */
  #pull(): void {
    if (!this.#iterator || this.#pendingPull) return;
    this.#pendingPull = this.#iterator
      .next()
      .then(({ done, value }) => {
        this.#pendingPull = undefined;
        if (done) this.#finish();
        else if (this.#state === "open") this.#enqueue(encodeEvent(value));
      })
      .catch(this.#fail);
  }

  #send(event: ServerSentEvent | string): boolean {
    if (this.#state !== "open") return false;
    const text = encodeEvent(event);
    this.#queuedBytes += Buffer.byteLength(text);
    // A client this slow never catches up. When it reconnects, its
    // `Last-Event-ID` tells where to continue.
    if (this.#queuedBytes > this.#init.maxQueuedBytes) this.#finish();
    else this.#enqueue(text);
    return this.#state === "open";
  }

  // --- the reader

  #enqueue(text: string): void {
    this.#queue += text;
    this.#wake();
  }

  #takeQueue(): Chunk {
    const value = this.#queue;
    this.#queue = "";
    this.#queuedBytes = 0;
    return { done: false, value };
  }

  #wait(): Promise<Chunk> {
    this.#refreshHeartbeat();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#pull();
    });
  }

  /** Hands queued events, or the end, to the waiting reader. */
  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter) this.next().then(waiter.resolve, waiter.reject);
  }

  #refreshHeartbeat(): void {
    const { heartbeatMs } = this.#init;
    if (heartbeatMs === 0) return;
    if (this.#heartbeat) this.#heartbeat.refresh();
    else {
      const beat = () => {
        if (this.#waiter) this.#enqueue(HEARTBEAT);
      };
      this.#heartbeat = setTimeout(beat, heartbeatMs);
    }
  }

  // --- the end

  /** Takes no further events; queued ones are still sent. */
  readonly #finish = (): void => {
    if (this.#state !== "open") return;
    this.#move("ending");
    this.#releaseSource();
    this.#wake();
  };

  readonly #fail = (error: unknown): void => {
    if (this.#state !== "open") return;
    this.#move("failed");
    this.#failure = error;
    this.#releaseSource();
    this.#wake();
  };

  #end(): void {
    if (this.#state === "ended") return;
    if (this.#state === "open") this.#releaseSource();
    this.#move("ended");
  }

  #releaseSource(): void {
    clearTimeout(this.#heartbeat);
    this.#init.drainSignal.removeEventListener("abort", this.#finish);
    this.#abort.abort();
    // A generator that awaits something else ends later, unobserved.
    ignoreErrors(() => this.#iterator?.return?.());
  }
}
