/** What the client got of each worker, beside what the master knows of it. */
export class WorkerAccounts {
  /** When each answer came, by the worker that gave it. */
  readonly #answeredAtMs = new Map<number, number[]>();
  readonly #pushed = new Map<number, number>();

  onAnswer(worker: string | undefined): void {
    const pid = Number(worker);
    const times = this.#answeredAtMs.get(pid) ?? [];
    times.push(performance.now());
    this.#answeredAtMs.set(pid, times);
  }

  /** What the status says of it: the master has heard of no less. */
  onStatus(worker: { readonly pid: number; readonly requests: number }): void {
    const { pid, requests } = worker;
    this.#pushed.set(pid, Math.max(requests, this.#pushed.get(pid) ?? 0));
  }

  answeredBy(pid: number): number {
    return this.#answeredAtMs.get(pid)?.length ?? 0;
  }

  /** The most that the master can have missed of a worker that was killed. */
  unpushed(pid: number): number {
    return Math.max(0, this.answeredBy(pid) - (this.#pushed.get(pid) ?? 0));
  }

  /** How many of these came before: they should have been pushed by then. */
  overdue(pid: number, sinceMs: number): number {
    const times = this.#answeredAtMs.get(pid) ?? [];
    const due = times.filter((atMs) => atMs < sinceMs).length;
    return Math.max(0, due - (this.#pushed.get(pid) ?? 0));
  }
}
