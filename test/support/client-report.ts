export type FailureKind =
  | "connect"
  | "reset"
  | "eof"
  | "timeout"
  | "status"
  | "malformed"
  | "extraData"
  | "body";

/** What went wrong on one connection, before it is known who asked. */
export interface Mishap {
  readonly kind: FailureKind;
  /** Of the system's error, if there was one: `ECONNREFUSED`. */
  readonly code?: string | undefined;
  readonly detail?: string;
}

/** What is known of a request that was sent; times are `performance.now()`. */
export interface SentRequest {
  /** Its number, if the client's requests have one; from 1. */
  readonly number: number;
  /** The client's; undefined on a Unix socket. */
  readonly localPort: number | undefined;
  readonly openedAtMs: number;
  readonly sentAtMs: number;
  /** `X-Worker` of the answers before it on the same connection. */
  readonly worker: string | undefined;
}

export interface Failure extends Mishap {
  /** Method and path; on an idle connection those of the last request. */
  readonly request: string;
  /** Since the client's start. */
  readonly atMs: number;
  /** Which of the client's loops: 0 to `connections - 1`. */
  readonly connection: number;
  /** Undefined where nothing was sent. */
  readonly sent?: SentRequest | undefined;
}

export interface ClientReport {
  /** Whole, well-formed responses, with whatever status. */
  readonly answered: number;
  readonly byStatus: Readonly<Record<number, number>>;
  readonly failureCount: number;
  readonly failureCounts: Readonly<Partial<Record<FailureKind, number>>>;
  /** The first ones only; `failureCount` has all. */
  readonly failures: readonly Failure[];
  /** Sockets that were opened and became ready. */
  readonly connects: number;
  /** Connections the server closed while nothing was asked: no failures. */
  readonly idleCloses: number;
  /** How many of `idleCloses` were resets. */
  readonly idleResets: number;
  readonly latenciesMs: {
    readonly min: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
}

const MAX_FAILURES = 100;
// A bucket's upper bound is so much above its lower one: 2 % exact.
const BUCKET_RATIO = 1.02;
const FIRST_BUCKET_MS = 0.01;

/** Counts what happens to a client, in bounded memory. */
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
