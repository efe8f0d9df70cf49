/** What became of the requests that were due in some time. */
export interface LatencyReport {
  readonly requests: number;
  readonly failures: number;
  /** Why the first one failed. */
  readonly failure: string | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Every latency of a phase: there are few enough of them. */
export class LatencyBook {
  readonly #latenciesMs: number[] = [];
  readonly #whenAllEnded: (() => void)[] = [];
  #open = 0;
  #failures = 0;
  #failure: string | undefined;

  begin(): void {
    this.#open++;
  }

  /** A request that fails has waited, too. */
  end(latencyMs: number, failure?: string): void {
    this.#latenciesMs.push(latencyMs);
    if (failure !== undefined) {
      this.#failures++;
      this.#failure ??= failure;
    }
    if (--this.#open > 0) return;
    for (const tell of this.#whenAllEnded.splice(0)) tell();
  }

  /** When each that has begun has ended. */
  async report(): Promise<LatencyReport> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => this.#whenAllEnded.push(resolve));
    }
    const sorted = this.#latenciesMs.toSorted((one, other) => one - other);
    return {
      requests: sorted.length,
      failures: this.#failures,
      failure: this.#failure,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      p999Ms: quantile(sorted, 0.999),
      maxMs: sorted.at(-1) ?? 0,
    };
  }
}

/** The least value that so many do not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  const index = Math.max(0, Math.ceil(sorted.length * share) - 1);
  return sorted[index] ?? 0;
}
