/** Runs per event: a piece, and a timer that moves. */

import { ignoreErrors } from "../body/chunk-source.ts";
import { isThenable } from "../is-thenable.ts";
import { encodeEvent, type ServerSentEvent } from "./encode-event.ts";

/** Whom the events are for. */
export interface EventClient {
  /** What it sent as `Last-Event-ID`: after which event it wants to go on. */
  readonly lastEventId: string | undefined;
  /** Aborts when it has left, or is to leave as the worker does. */
  readonly signal: AbortSignal;
  /** Sends an event; whether the client is still there. */
  send(event: ServerSentEvent | string): boolean;
  /** Ends the stream once all has been sent. */
  close(): void;
}

export type Events = AsyncIterable<ServerSentEvent | string>;

/**
 * Where events come from: something to iterate, or a function that gives it.
 * One that gives nothing sends by itself; one that gives a promise of nothing
 * does so until that is fulfilled.
 */
export type EventSource =
  | Events
  | ((client: EventClient) => Events | Promise<Events>)
  | ((client: EventClient) => void | Promise<void>);

export interface EventBodyInit {
  readonly source: EventSource;
  readonly lastEventId: string | undefined;
  /** Aborts when the worker is about to leave. */
  readonly drainSignal: AbortSignal;
  readonly heartbeatMs: number;
  readonly maxQueuedBytes: number;
  /** Sent before all else. */
  readonly opening: string;
}

type Piece = IteratorResult<string, undefined>;
type Waiter = {
  readonly resolve: (piece: Piece) => void;
  readonly reject: (error: unknown) => void;
};

const HEARTBEAT = ":\n\n";
const DONE: Piece = { done: true, value: undefined };

/**
 * The body of a stream of events. Nothing is asked of the source before
 * somebody reads, and nothing after nobody does.
 */
export class EventBody implements AsyncIterableIterator<string, undefined> {
  readonly #init: EventBodyInit;
  readonly #abort = new AbortController();
  #state: "new" | "open" | "ending" | "failed" | "ended" = "new";
  #iterator: AsyncIterator<ServerSentEvent | string> | undefined;
  #isPulling = false;
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

  next(): Promise<Piece> {
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
  async return(): Promise<Piece> {
    this.#queue = "";
    this.#end();
    this.#wake();
    return DONE;
  }

  // --- the source

  #begin(): void {
    this.#state = "open";
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
          .then((given) => this.#goOnWith(given as Events | undefined))
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

  #goOnWith(events: Events | undefined): void {
    if (events === undefined) this.#finish();
    else this.#iterate(events);
  }

  #iterate(events: Events | undefined): void {
    if (!events) return;
    this.#iterator = events[Symbol.asyncIterator]();
    if (this.#state !== "open") this.#letSourceGo();
    else if (this.#waiter) this.#pull();
  }

  /** One event at a time, when the client has room for it. */
  #pull(): void {
    if (!this.#iterator || this.#isPulling) return;
    this.#isPulling = true;
    this.#iterator
      .next()
      .then(({ done, value }) => {
        this.#isPulling = false;
        if (done) this.#finish();
        else if (this.#state === "open") this.#enqueue(encodeEvent(value));
      })
      .catch(this.#fail);
  }

  #send(event: ServerSentEvent | string): boolean {
    if (this.#state !== "open") return false;
    const text = encodeEvent(event);
    this.#queuedBytes += Buffer.byteLength(text);
    // Who is that slow never catches up; coming back it says what it has got.
    if (this.#queuedBytes > this.#init.maxQueuedBytes) this.#finish();
    else this.#enqueue(text);
    return this.#state === "open";
  }

  // --- the reader

  #enqueue(text: string): void {
    this.#queue += text;
    this.#wake();
  }

  #takeQueue(): Piece {
    const value = this.#queue;
    this.#queue = "";
    this.#queuedBytes = 0;
    return { done: false, value };
  }

  #wait(): Promise<Piece> {
    this.#moveHeartbeat();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#pull();
    });
  }

  /** Gives who waits what there is. */
  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter) this.next().then(waiter.resolve, waiter.reject);
  }

  #moveHeartbeat(): void {
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

  // --- the end of it

  /** No more events; what there is is sent yet. */
  readonly #finish = (): void => {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#letSourceGo();
    this.#wake();
  };

  readonly #fail = (error: unknown): void => {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#failure = error;
    this.#letSourceGo();
    this.#wake();
  };

  #end(): void {
    if (this.#state === "open") this.#letSourceGo();
    this.#state = "ended";
  }

  #letSourceGo(): void {
    clearTimeout(this.#heartbeat);
    this.#init.drainSignal.removeEventListener("abort", this.#finish);
    this.#abort.abort();
    // A generator that waits for something else ends later: nobody waits.
    ignoreErrors(() => this.#iterator?.return?.());
  }
}
