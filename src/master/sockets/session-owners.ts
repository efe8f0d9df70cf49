/**
 * Which worker a session belongs to: the one that named it in a response, or
 * the first that was asked for it. A request that names the session of another
 * worker goes there with its connection, before anything is answered.
 *
 * Runs per connection that a worker hands over.
 */
import type {
  BegunConnection,
  RawHandle,
  WorkerMessage,
} from "../../shared/ipc-messages.ts";
import type { Counters } from "../../shared/metrics/counters.ts";
import { RecentSessions } from "../../shared/recent-sessions.ts";
import type { Dispatcher, Recipient } from "./dispatcher.ts";

export class SessionOwners {
  readonly #dispatcher: Pick<Dispatcher, "handOver">;
  readonly #counters: Counters;
  /** Ids of workers. */
  readonly #owners = new RecentSessions<number>();

  constructor(dispatcher: Pick<Dispatcher, "handOver">, counters: Counters) {
    this.#dispatcher = dispatcher;
    this.#counters = counters;
  }

  /** The session belongs to the worker from now on. */
  own(session: string, workerId: number): void {
    this.#owners.set(session, workerId);
  }

  /** Gives the connection to the owner of its session, or back. */
  async handOver(
    sender: Recipient,
    message: Extract<WorkerMessage, { type: "handOver" }>,
    handle: RawHandle,
  ): Promise<void> {
    const { listener, session, mayOwn, bytes, proxyHeader } = message;
    const begun: BegunConnection = { session, mayOwn, bytes, proxyHeader };
    const owner = await this.#ownerOf(session);
    const wanted = owner === undefined ? [sender.id] : [owner, sender.id];
    const isElsewhere = owner !== undefined && owner !== sender.id;
    this.#counters.count("stickyHandovers", isElsewhere ? "owner" : "sender");
    this.#dispatcher.handOver(handle, listener, begun, wanted);
  }

  /** Call it after the dispatcher has given away the worker's connections. */
  onGone({ id }: Recipient): void {
    this.#owners.forget(id);
  }

  /**
   * The owner has said so before it answered. Its message may be read in the
   * same turn of the event loop as one of the worker to which the client has
   * then sent its next request.
   */
  async #ownerOf(session: string): Promise<number | undefined> {
    const known = this.#owners.use(session);
    if (known !== undefined) return known;
    await nextTurn();
    return this.#owners.use(session);
  }
}

function nextTurn(): Promise<void> {
  // The first one may come before messages that have already arrived.
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
