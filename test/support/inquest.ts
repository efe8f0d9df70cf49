import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Failure } from "./client-report.ts";

/** Why a killed process is to blame for a failure. */
export type Cause =
  /** It had begun the request: its trace says so. */
  | "begun"
  /** It had answered on that connection before, so the connection was its. */
  | "connection"
  /** The connection was new and its; the request had not come to the app. */
  | "taken"
  /** The connection was new, and there were too many: nobody is to blame. */
  | "flooded";

export interface Verdicts {
  readonly explained: Readonly<Record<Cause, number>>;
  readonly unexplained: readonly Failure[];
}

interface Death {
  readonly pid: number;
  /** It was then, or between the two. */
  readonly atMs: number;
  readonly latestMs: number;
  /** Client ports of its connections, where they are known exactly. */
  readonly held: ReadonlySet<number> | undefined;
}

/** While the server may have had more connections than it has room for. */
interface Flood {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  untilMs: number | undefined;
}

interface Case {
  readonly failure: Failure;
  readonly failedAtMs: number;
}

/** A reset comes a little after the death that is its cause. */
const NEWS_MS = 1_000;

/** Lays each failure at the door of a process that was killed, or of nobody. */
export class Inquest {
  readonly #traceFolder: string;
  readonly #deaths: Death[] = [];
  readonly #floods: Flood[] = [];
  readonly #cases: Case[] = [];

  /** @param traceFolder where fixtures/traced-app.js notes what is begun */
  constructor(traceFolder: string) {
    this.#traceFolder = traceFolder;
  }

  get deaths(): readonly Death[] {
    return this.#deaths;
  }

  /**
   * Before the signal is sent, so that no failure comes before it.
   *
   * @param held client ports of its connections, if it was stopped before
   */
  addDeath(pid: number, held?: ReadonlySet<number>): void {
    const atMs = performance.now();
    this.#deaths.push({ pid, atMs, latestMs: atMs, held });
  }

  /** Of one that somebody else has killed, at some time between these. */
  addDeathBetween(pid: number, atMs: number, latestMs: number): void {
    this.#deaths.push({ pid, atMs, latestMs, held: undefined });
  }

  /**
   * New connections may be closed unserved from now on. There can be no more of
   * them than the server has counted: see `WatchedLoad`.
   *
   * @returns what is called when that is over
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
    this.#cases.push({ failure, failedAtMs: performance.now() });
  }

  verdicts(): Verdicts {
    const explained = { begun: 0, connection: 0, taken: 0, flooded: 0 };
    const unexplained: Failure[] = [];
    const begunBy = this.#begunBy();
    for (const { failure, failedAtMs } of this.#cases) {
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
    // A refused, hung or wrong answer is nothing that a death may cause.
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
      return held ? held.has(localPort) : failedAtMs - latestMs < NEWS_MS;
    });
    if (wasTaken) return "taken";
    return this.#wasFlooded(openedAtMs, failedAtMs) ? "flooded" : undefined;
  }

  #wasFlooded(openedAtMs: number, failedAtMs: number): boolean {
    return this.#floods.some(({ fromMs, untilMs = failedAtMs }) => {
      return fromMs <= failedAtMs && untilMs >= openedAtMs;
    });
  }

  /** Which process began a request, by the request's number. */
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
