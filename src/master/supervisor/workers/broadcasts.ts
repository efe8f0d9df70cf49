/**
 * Messages of an app to the app in all other workers. A worker that does not
 * read loses messages, so that they do not fill the memory of the master.
 *
 * Runs per message.
 */
import type { Counters } from "../../../shared/metrics/counters.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** Characters for one worker that the system has not taken. */
const MAX_UNSENT_CHARS = 16 * 1024 * 1024;

export class Broadcasts {
  readonly #counters: Counters;
  /** Characters, by the id of the worker. */
  readonly #unsent = new Map<number, number>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  send(
    from: WorkerHandle,
    json: string,
    workers: readonly WorkerHandle[],
  ): void {
    for (const worker of workers) {
      if (worker === from || !worker.isGreeted) continue;
      const unsent = this.#unsent.get(worker.id) ?? 0;
      if (unsent + json.length > MAX_UNSENT_CHARS) {
        this.#counters.add("appMessagesDropped");
        continue;
      }
      this.#unsent.set(worker.id, unsent + json.length);
      worker.send({ type: "broadcast", json }, undefined, () => {
        this.#onSent(worker, json.length);
      });
    }
  }

  onGone({ id }: WorkerHandle): void {
    this.#unsent.delete(id);
  }

  #onSent({ id }: WorkerHandle, chars: number): void {
    const unsent = this.#unsent.get(id);
    if (unsent !== undefined) this.#unsent.set(id, unsent - chars);
  }
}
