export type FailureKind =
  | "connect"
  | "reset"
  | "eof"
  | "timeout"
  | "status"
  | "malformed"
  | "extraData"
  | "body";

/** A failure on one connection, before it is attributed to a request. */
export interface Mishap {
  readonly kind: FailureKind;
  /** Code of the system error, if any: `ECONNREFUSED`. */
  readonly code?: string | undefined;
  readonly detail?: string;
}

/** Facts about a sent request; times are `performance.now()`. */
export interface SentRequest {
  /** Number of the request, from 1, if requests are numbered. */
  readonly number: number;
  /** Local port of the client; undefined on a Unix socket. */
  readonly localPort: number | undefined;
  readonly openedAtMs: number;
  readonly sentAtMs: number;
  /** `X-Worker` of earlier responses on the same connection. */
  readonly worker: string | undefined;
}

export interface Failure extends Mishap {
  /** Method and path; on an idle connection those of the last request. */
  readonly request: string;
  /** Time since the client started. */
  readonly atMs: number;
  /** Index of the client's loop, from 0 to `connections - 1`. */
  readonly connection: number;
  /** Undefined if nothing was sent. */
  readonly sent?: SentRequest | undefined;
}

export interface ClientReport {
  /** Complete, well-formed responses with any status. */
  readonly answered: number;
  readonly byStatus: Readonly<Record<number, number>>;
  readonly failureCount: number;
  readonly failureCounts: Readonly<Partial<Record<FailureKind, number>>>;
  /** The first failures only; `failureCount` counts all. */
  readonly failures: readonly Failure[];
  /** Sockets that became ready. */
  readonly connects: number;
  /** Idle connections that the server closed; these are not failures. */
  readonly idleCloses: number;
  /** Number of `idleCloses` that were resets. */
  readonly idleResets: number;
  readonly latenciesMs: {
    readonly min: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
}

const MAX_FAILURES = 100;
// Ratio of a bucket's upper to its lower bound: latencies are exact to 2 %.
const BUCKET_RATIO = 1.02;
const FIRST_BUCKET_MS = 0.01;

/** Counts events of a client in bounded memory. */
export class ReportBook {
  readonly #startedMs = performance.now();
  readonly #byStatus: Record<number, number> = {};
  readonly #failureCounts: Partial<Record<FailureKind, number>> = {};
  readonly #failures: Failure[] = [];
  readonly #latencyBuckets: number[] = [];
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;
  #answered = 0;
  #failureCount = 0;
  #connects = 0;
  #idleCloses = 0;
  #idleResets = 0;

  addConnect(): void {
    this.#connects++;
  }

  addIdleClose(how: "fin" | "reset"): void {
    this.#idleCloses++;
    if (how === "reset") this.#idleResets++;
  }

  addAnswer(status: number, latencyMs: number): void {
    this.#answered++;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#minMs = Math.min(this.#minMs, latencyMs);
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
    const ratio = Math.max(1, latencyMs / FIRST_BUCKET_MS);
    const bucket = Math.floor(Math.log(ratio) / Math.log(BUCKET_RATIO));
    this.#latencyBuckets[bucket] = (this.#latencyBuckets[bucket] ?? 0) + 1;
  }

  addFailure(failure: Omit<Failure, "atMs">): Failure {
    const { kind } = failure;
    const atMs = performance.now() - this.#startedMs;
    this.#failureCount++;
    this.#failureCounts[kind] = (this.#failureCounts[kind] ?? 0) + 1;
    const whole = { ...failure, atMs };
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(whole);
    return whole;
  }

  snapshot(): ClientReport {
    return {
      answered: this.#answered,
      byStatus: { ...this.#byStatus },
      failureCount: this.#failureCount,
      failureCounts: { ...this.#failureCounts },
      failures: [...this.#failures],
      connects: this.#connects,
      idleCloses: this.#idleCloses,
      idleResets: this.#idleResets,
      latenciesMs: {
        min: this.#answered === 0 ? 0 : this.#minMs,
        p50: this.#quantileMs(0.5),
        p99: this.#quantileMs(0.99),
        max: this.#maxMs,
      },
    };
  }

  #quantileMs(quantile: number): number {
    let missing = Math.ceil(this.#answered * quantile);
    for (const [bucket, count = 0] of this.#latencyBuckets.entries()) {
      missing -= count;
      if (missing > 0) continue;
      const boundMs = FIRST_BUCKET_MS * BUCKET_RATIO ** (bucket + 1);
      return Math.min(this.#maxMs, boundMs);
    }
    return this.#maxMs;
  }
}
