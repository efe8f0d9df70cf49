/**
 * Counts in the master, for all its workers. Runs per counted request: all
 * counts of one turn of the event loop share a message.
 */
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";

/** Sends counts to the master; false if the master is gone. */
export type SendToMaster = (
  id: number,
  entries: readonly CountEntry[],
) => boolean;

interface PendingCount {
  readonly entry: CountEntry;
  readonly resolve: (count: Count) => void;
  readonly reject: (error: Error) => void;
}

/** Limit on unanswered messages; older ones fail. */
const MAX_OPEN_BATCHES = 1_000;

export class InstanceCounter implements Counter {
  readonly #send: SendToMaster;
  readonly #open = new Map<number, readonly PendingCount[]>();
  #next: PendingCount[] = [];
  #lastId = 0;

  constructor(send: SendToMaster) {
    this.#send = send;
  }

  /** Makes the master load its counter before the first request. */
  prepare(): void {
    this.#send(++this.#lastId, []);
  }

  count(entry: CountEntry): Promise<Count> {
    return new Promise((resolve, reject) => {
      if (this.#next.length === 0) setImmediate(() => this.#flush());
      this.#next.push({ entry, resolve, reject });
    });
  }

  /** @param counts in the order of the message's entries */
  onCounted(id: number, counts: readonly Count[]): void {
    const pending = this.#open.get(id) ?? [];
    this.#open.delete(id);
    for (const [at, { resolve, reject }] of pending.entries()) {
      const count = counts[at];
      if (count) resolve(count);
      else reject(new Error("the master did not count"));
    }
  }

  #flush(): void {
    const pending = this.#next;
    this.#next = [];
    const id = ++this.#lastId;
    this.#open.set(id, pending);
    const entries = pending.map(({ entry }) => entry);
    if (!this.#send(id, entries)) this.#giveUp(id, "the master is gone");
    if (this.#open.size <= MAX_OPEN_BATCHES) return;
    const [oldest] = this.#open.keys();
    this.#giveUp(oldest as number, "the master does not answer");
  }

  #giveUp(id: number, why: string): void {
    const pending = this.#open.get(id) ?? [];
    this.#open.delete(id);
    for (const { reject } of pending) reject(new Error(why));
  }
}
