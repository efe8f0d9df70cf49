import type { Ending } from "../operations/operation.ts";

/** How often each operation was done, and how it ended. */
export class Tally {
  readonly #rows = new Map<string, { done: number; failed: number }>();

  add(operation: string, ending: Ending): void {
    const row = this.#rows.get(operation) ?? { done: 0, failed: 0 };
    row[ending.type]++;
    this.#rows.set(operation, row);
  }

  get total(): number {
    const rows = [...this.#rows.values()];
    return rows.reduce((sum, { done, failed }) => sum + done + failed, 0);
  }

  /** Name, done, failed; in the order of names. */
  rows(): [name: string, done: number, failed: number][] {
    const rows = [...this.#rows].map(([name, { done, failed }]) => {
      return [name, done, failed] satisfies [string, number, number];
    });
    return rows.sort(([one], [other]) => (one < other ? -1 : 1));
  }
}
