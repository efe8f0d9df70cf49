import type { ReceivedResponse } from "../support/response-reader.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Longer than a balancer needs to use an instance that is ready again. */
const SEEN_WITHIN_MS = 30_000;

/** Tracks the versions in responses, by instance. */
export class SeenVersions {
  /** Last version of each instance. */
  readonly #last = new Map<number, string>();
  readonly #counts = new Map<string, number>();

  add({ headers }: Pick<ReceivedResponse, "headers">): void {
    const version = headers["x-version"] ?? "none";
    this.#last.set(Number(headers["x-instance"]), version);
    this.#counts.set(version, this.count(version) + 1);
  }

  /** Number of responses of that version. */
  count(version: string): number {
    return this.#counts.get(version) ?? 0;
  }

  /**
   * Forgets an instance that is stopped; it is recorded again when it responds.
   */
  forget(instance: number): void {
    this.#last.delete(instance);
  }

  async until(instance: number, version: string): Promise<void> {
    await waitUntil(() => this.#last.get(instance) === version, {
      what: `instance ${instance} to answer in version ${version}`,
      timeoutMs: SEEN_WITHIN_MS,
    });
  }
}
