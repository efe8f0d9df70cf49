/** Answers of each worker, as the client and the master count them. */
export class AnswersByWorker {
  /** Times of the answers that the client received, by worker. */
  readonly #answeredAtMs = new Map<number, number[]>();
  /** Highest count that the master has reported, by worker. */
  readonly #pushed = new Map<number, number>();

  onAnswer(worker: string | undefined): void {
    const pid = Number(worker);
    const times = this.#answeredAtMs.get(pid) ?? [];
    times.push(performance.now());
    this.#answeredAtMs.set(pid, times);
  }

  /** Records a count from the status. */
  onStatus(worker: { readonly pid: number; readonly requests: number }): void {
    const { pid, requests } = worker;
    this.#pushed.set(pid, Math.max(requests, this.#pushed.get(pid) ?? 0));
  }

  answeredBy(pid: number): number {
    return this.#answeredAtMs.get(pid)?.length ?? 0;
  }

  /** Answers of a killed worker that the master may not have counted. */
  unpushed(pid: number): number {
    return Math.max(0, this.answeredBy(pid) - (this.#pushed.get(pid) ?? 0));
  }

  /** Answers before `sinceMs` that the master has not counted. */
  overdue(pid: number, sinceMs: number): number {
    const times = this.#answeredAtMs.get(pid) ?? [];
    const due = times.filter((atMs) => atMs < sinceMs).length;
    return Math.max(0, due - (this.#pushed.get(pid) ?? 0));
  }
}
