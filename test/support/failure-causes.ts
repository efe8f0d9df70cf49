import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Failure } from "./client-report.ts";
import { StallLog } from "./stall-log.ts";

/** How a known event explains a failed request. */
export type Cause =
  /** The killed process had begun the request, according to its trace. */
  | "begun"
  /** The killed process had answered on that connection before. */
  | "connection"
  /** The killed process held the new connection; the app saw no request. */
  | "taken"
  /** The connection was new and over the limit. */
  | "flooded";

export interface ClassifiedFailures {
  readonly explained: Readonly<Record<Cause, number>>;
  readonly unexplained: readonly Failure[];
}

interface Death {
  readonly pid: number;
  /** Time of death, or the bounds of it. */
  readonly atMs: number;
  readonly latestMs: number;
  /** Client ports of its connections, if known exactly. */
  readonly held: ReadonlySet<number> | undefined;
}

/** Period with possibly more connections than the server has room for. */
interface Flood {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  untilMs: number | undefined;
}

interface TimedFailure {
  readonly failure: Failure;
  readonly failedAtMs: number;
}

/**
 * Longest time from a death to the resets it causes, in which the client was not
 * held up.
 */
const RESET_DELAY_MS = 1_000;

/** Attributes each failed request to a killed process or a flood, if any. */
export class FailureCauses {
  readonly #traceFolder: string;
  readonly #deaths: Death[] = [];
  readonly #floods: Flood[] = [];
  readonly #failures: TimedFailure[] = [];
  readonly #stalls = new StallLog();

  /** @param traceFolder where fixtures/traced-app.js records begun requests */
  constructor(traceFolder: string) {
    this.#traceFolder = traceFolder;
  }

  get deaths(): readonly Death[] {
    return this.#deaths;
  }

  /**
   * Call this before sending the signal, so that no failure precedes it.
   *
   * @param held client ports of its connections, if it was stopped before
   */
  addDeath(pid: number, held?: ReadonlySet<number>): void {
    const atMs = performance.now();
    this.#deaths.push({ pid, atMs, latestMs: atMs, held });
  }

  /** Records a process that the master killed between these times. */
  addDeathBetween(pid: number, atMs: number, latestMs: number): void {
    this.#deaths.push({ pid, atMs, latestMs, held: undefined });
  }

  /**
   * Marks that from now on the server may close new connections unserved.
   * `WatchedLoad` checks that the server has counted all of them.
   *
   * @returns a function that ends the flood
   */
  beginFlood(): () => void {
    const flood: Flood = { fromMs: performance.now(), untilMs: undefined };
    this.#floods.push(flood);
    return () => {
      flood.untilMs = performance.now();
    };
  }

  hasDied(pid: number): boolean {
    return this.#deaths.some((death) => death.pid === pid);
  }

  addFailure(failure: Failure): void {
    this.#failures.push({ failure, failedAtMs: performance.now() });
  }

  classify(): ClassifiedFailures {
    const explained = { begun: 0, connection: 0, taken: 0, flooded: 0 };
    const unexplained: Failure[] = [];
    const begunBy = this.#begunBy();
    for (const { failure, failedAtMs } of this.#failures) {
      const cause = this.#cause(failure, failedAtMs, begunBy);
      if (cause) explained[cause]++;
      else unexplained.push(failure);
    }
    return { explained, unexplained };
  }

  #cause(
    { kind, sent }: Failure,
    failedAtMs: number,
    begunBy: ReadonlyMap<number, string>,
  ): Cause | undefined {
    // A death cannot cause a refused connection, a hang or a wrong answer.
    if (!sent || (kind !== "reset" && kind !== "eof")) return undefined;
    const { number, openedAtMs, worker, localPort = 0 } = sent;
    const deaths = this.#deaths.filter(({ atMs, latestMs }) => {
      return latestMs >= openedAtMs && atMs <= failedAtMs;
    });
    const hasDied = (pid: string) => deaths.some((one) => pid === `${one.pid}`);
    const beginner = begunBy.get(number);
    if (beginner !== undefined) return hasDied(beginner) ? "begun" : undefined;
    if (worker !== undefined) return hasDied(worker) ? "connection" : undefined;
    const wasTaken = deaths.some(({ latestMs, held }) => {
      if (held) return held.has(localPort);
      const stalledMs = this.#stalls.between(latestMs, failedAtMs);
      return failedAtMs - latestMs - stalledMs < RESET_DELAY_MS;
    });
    if (wasTaken) return "taken";
    return this.#wasFlooded(openedAtMs, failedAtMs) ? "flooded" : undefined;
  }

  #wasFlooded(openedAtMs: number, failedAtMs: number): boolean {
    return this.#floods.some(({ fromMs, untilMs = failedAtMs }) => {
      return fromMs <= failedAtMs && untilMs >= openedAtMs;
    });
  }

  /** The process that began each request, by number. */
  #begunBy(): Map<number, string> {
    const begunBy = new Map<number, string>();
    for (const pid of readdirSync(this.#traceFolder)) {
      const trace = readFileSync(path.join(this.#traceFolder, pid), "utf8");
      for (const number of trace.split("\n")) {
        if (number !== "") begunBy.set(Number(number), pid);
      }
    }
    return begunBy;
  }
}
