/**
 * The counts of all workers, those that left included: `retired + Σ live`. A
 * worker's last snapshot goes into `retired` exactly once, so no counter falls
 * when a worker leaves, and asking never waits for one.
 */
import {
  addHistograms,
  type HistogramValues,
  laterOf,
} from "../../shared/metrics/histogram.ts";
import { labelsOf } from "../../shared/metrics/labels-of.ts";
import type {
  RequestSeries,
  WorkerSnapshot,
} from "../../shared/metrics/worker-snapshot.ts";

/** One account: what a worker, or all that retired, have counted. */
interface Account {
  /** The latest values of every series, by its labels. */
  readonly requests: Map<string, RequestSeries>;
  acceptedConnections: number;
  readonly connectionsDropped: Map<string, number>;
  requestBodyBytes: number;
  responseBodyBytes: number;
  readonly parseErrors: Map<string, number>;
  readonly tlsHandshakeErrors: Map<string, number>;
  readonly proxyHeaderErrors: Map<string, number>;
  readonly requestsShed: Map<string, number>;
  readonly rateLimited: Map<string, number>;
  readonly rateLimitStoreErrors: Map<string, number>;
  lostLogLines: number;
  eventLoopDelay: HistogramValues | undefined;
}

export interface LedgerTotals {
  readonly requests: readonly RequestSeries[];
  readonly acceptedConnections: number;
  readonly connectionsDropped: ReadonlyMap<string, number>;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
  readonly parseErrors: ReadonlyMap<string, number>;
  readonly tlsHandshakeErrors: ReadonlyMap<string, number>;
  readonly proxyHeaderErrors: ReadonlyMap<string, number>;
  readonly requestsShed: ReadonlyMap<string, number>;
  readonly rateLimited: ReadonlyMap<string, number>;
  readonly rateLimitStoreErrors: ReadonlyMap<string, number>;
  readonly lostLogLines: number;
  readonly eventLoopDelay: HistogramValues | undefined;
}

export class Ledger {
  #retired = emptyAccount();
  readonly #live = new Map<number, Account>();

  /** What a worker has counted since it began. */
  record(workerId: number, snapshot: WorkerSnapshot): void {
    const account = this.#live.get(workerId) ?? emptyAccount();
    this.#live.set(workerId, account);
    for (const series of snapshot.requests) {
      const labels = labelsOf(series);
      const latest = laterOf(account.requests.get(labels), series);
      account.requests.set(labels, { ...series, ...latest });
    }
    const { acceptedConnections, requestBodyBytes, responseBodyBytes } =
      snapshot;
    const { lostLogLines } = snapshot;
    raise(account, {
      acceptedConnections,
      requestBodyBytes,
      responseBodyBytes,
      lostLogLines,
    });
    account.eventLoopDelay = laterOf(
      account.eventLoopDelay,
      snapshot.eventLoopDelay,
    );
    setAll(account.connectionsDropped, snapshot.connectionsDropped);
    setAll(account.parseErrors, snapshot.parseErrors);
    setAll(account.tlsHandshakeErrors, snapshot.tlsHandshakeErrors);
    setAll(account.proxyHeaderErrors, snapshot.proxyHeaderErrors);
    setAll(account.requestsShed, snapshot.requestsShed);
    setAll(account.rateLimited, snapshot.rateLimited);
    setAll(account.rateLimitStoreErrors, snapshot.rateLimitStoreErrors);
  }

  /** The worker will count no more. */
  retire(workerId: number): void {
    const account = this.#live.get(workerId);
    if (!account) return;
    this.#live.delete(workerId);
    add(this.#retired, account);
  }

  totals(): LedgerTotals {
    const sum = emptyAccount();
    add(sum, this.#retired);
    for (const account of this.#live.values()) add(sum, account);
    return { ...sum, requests: [...sum.requests.values()] };
  }

  /** Requests that a live worker has answered. */
  requestCountOf(workerId: number): number {
    let count = 0;
    const account = this.#live.get(workerId);
    for (const series of account?.requests.values() ?? []) {
      count += series.count;
    }
    return count;
  }
}

function emptyAccount(): Account {
  return {
    requests: new Map(),
    acceptedConnections: 0,
    connectionsDropped: new Map(),
    requestBodyBytes: 0,
    responseBodyBytes: 0,
    parseErrors: new Map(),
    tlsHandshakeErrors: new Map(),
    proxyHeaderErrors: new Map(),
    requestsShed: new Map(),
    rateLimited: new Map(),
    rateLimitStoreErrors: new Map(),
    lostLogLines: 0,
    eventLoopDelay: undefined,
  };
}

function add(sum: Account, account: Account): void {
  for (const [labels, series] of account.requests) {
    const total = addHistograms(sum.requests.get(labels), series);
    sum.requests.set(labels, { ...series, ...total });
  }
  sum.acceptedConnections += account.acceptedConnections;
  sum.requestBodyBytes += account.requestBodyBytes;
  sum.responseBodyBytes += account.responseBodyBytes;
  addAll(sum.connectionsDropped, account.connectionsDropped);
  addAll(sum.parseErrors, account.parseErrors);
  addAll(sum.tlsHandshakeErrors, account.tlsHandshakeErrors);
  addAll(sum.proxyHeaderErrors, account.proxyHeaderErrors);
  addAll(sum.requestsShed, account.requestsShed);
  addAll(sum.rateLimited, account.rateLimited);
  addAll(sum.rateLimitStoreErrors, account.rateLimitStoreErrors);
  sum.lostLogLines += account.lostLogLines;
  if (account.eventLoopDelay) {
    sum.eventLoopDelay = addHistograms(
      sum.eventLoopDelay,
      account.eventLoopDelay,
    );
  }
}

type Counts = Map<string, number>;

function setAll(counts: Counts, latest: Readonly<Record<string, number>>) {
  for (const [name, count] of Object.entries(latest)) {
    counts.set(name, Math.max(count, counts.get(name) ?? 0));
  }
}

type PlainCounts = Pick<
  Account,
  | "acceptedConnections"
  | "requestBodyBytes"
  | "responseBodyBytes"
  | "lostLogLines"
>;

function raise(account: Account, latest: PlainCounts): void {
  for (const name of Object.keys(latest) as (keyof PlainCounts)[]) {
    account[name] = Math.max(account[name], latest[name]);
  }
}

function addAll(sum: Counts, counts: Counts): void {
  for (const [name, count] of counts) {
    sum.set(name, (sum.get(name) ?? 0) + count);
  }
}
