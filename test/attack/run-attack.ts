/**
 * Attacks a daemon for some time while well-behaved clients use it, and checks
 * every request, descriptors and memory afterwards.
 */
import { mkdirSync } from "node:fs";
import type { ClientReport } from "../support/client-report.ts";
import {
  type StrictClient,
  startStrictClient,
} from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Attack } from "./attack.ts";
import { Target, type Usage } from "./target.ts";

export interface AttackOptions {
  readonly attack: Attack;
  readonly scheduling: string;
  readonly seconds: number;
  /** Folder for the config file; created here, removed by the caller. */
  readonly folder: string;
  /** Called with each problem. */
  readonly say: (line: string) => void;
}

export interface AttackOutcome {
  readonly attack: Attack;
  readonly scheduling: string;
  readonly seconds: number;
  readonly rounds: number;
  /** Report of the well-behaved client that runs during the attack. */
  readonly during: ClientReport;
  /** Longest time from a strike to full recovery. */
  readonly longestRecoveryMs: number;
  readonly before: Usage;
  readonly after: Usage;
  readonly peakResidentBytes: number;
  /** `server_connections_dropped_total` of the last master. */
  readonly dropped: number;
  /** Reasons of failure; empty if the daemon passed. */
  readonly problems: readonly string[];
}

const CLIENT = {
  connections: 4,
  pauseMs: { min: 20, max: 200 },
  mix: [{ method: "GET", path: "/" }],
  // Longer than a flood can block a worker.
  requestTimeoutMs: 30_000,
};
const WARM_UP_ROUNDS = 2;
const MAX_PROBLEMS = 10;
const MAX_PROBLEM_CHARS = 1_000;
/** Allowed growth of resident memory over the level before the attack. */
const MEMORY_MARGIN_BYTES = 96 * 2 ** 20;
const STOP_TIMEOUT_MS = 30_000;
const GIVE_BACK_MS = 15_000;
/** Fallback when the daemon does not respond. */
const NO_USAGE: Usage = { descriptors: 0, residentBytes: 0 };

export async function runAttack(
  options: AttackOptions,
): Promise<AttackOutcome> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const target = await Target.start(options);
  const run = new AttackRun(target, options);
  const outcome = await run.whole();
  try {
    await target.daemon.stop({ timeoutMs: STOP_TIMEOUT_MS });
    return outcome;
  } catch (error) {
    const { message } = error as Error;
    return { ...outcome, problems: [...outcome.problems, message] };
  }
}

class AttackRun {
  readonly #target: Target;
  readonly #options: AttackOptions;
  readonly #problems: string[] = [];
  #rounds = 0;
  #longestRecoveryMs = 0;
  #peakResidentBytes = 0;

  constructor(target: Target, options: AttackOptions) {
    this.#target = target;
    this.#options = options;
  }

  async whole(): Promise<AttackOutcome> {
    const { attack, scheduling, seconds } = this.#options;
    // The baseline must include everything that the daemon opens once and
    // keeps.
    for (let each = 0; each < WARM_UP_ROUNDS; each++) await this.#round();
    const before = await this.#asked(this.#usageOfKept(), NO_USAGE);
    const client = this.#startClient();
    const startedMs = performance.now();
    while (performance.now() - startedMs < seconds * 1_000) {
      await this.#round();
      if (this.#problems.length >= MAX_PROBLEMS) break;
    }
    const during = await client.stop();
    if (!attack.mayLose) this.#judgeLosses(during);
    const after = await this.#untilGivenBack(before);
    const counter = "server_connections_dropped_total";
    const dropped = await this.#asked(
      this.#target.daemon.metricSum(counter),
      0,
    );
    return {
      ...{ attack, scheduling, seconds, during, before, after, dropped },
      rounds: this.#rounds,
      longestRecoveryMs: this.#longestRecoveryMs,
      peakResidentBytes: this.#peakResidentBytes,
      problems: this.#problems,
    };
  }

  /** Runs a strike and waits for recovery. */
  async #round(): Promise<void> {
    const { attack } = this.#options;
    const round = this.#rounds++;
    try {
      await attack.strike(this.#target, round);
      const recoveryMs = await this.#target.untilWell();
      this.#longestRecoveryMs = Math.max(this.#longestRecoveryMs, recoveryMs);
      const { residentBytes } = await this.#target.usage();
      this.#peakResidentBytes = Math.max(
        this.#peakResidentBytes,
        residentBytes,
      );
    } catch (error) {
      this.#note(`round ${round}: ${describe(error as Error)}`);
    }
  }

  async #asked<T>(answer: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.#note(describe(error as Error));
      return otherwise;
    }
  }

  #startClient(): StrictClient {
    const { address } = this.#target.daemon;
    return startStrictClient({ ...address, ...CLIENT, keepAlive: true });
  }

  #judgeLosses({ failureCount, failures }: ClientReport): void {
    if (failureCount === 0) return;
    this.#note(`${failureCount} lost: ${JSON.stringify(failures.slice(0, 3))}`);
  }

  /**
   * Usage after a garbage collection. Requests follow the signal, so it has
   * been handled.
   */
  async #usageOfKept(): Promise<Usage> {
    await this.#target.collectGarbage();
    await this.#target.untilWell();
    await this.#target.untilMeasured();
    return this.#target.usage();
  }

  /** Waits for usage to drop: only what persists is a leak. */
  async #untilGivenBack(before: Usage): Promise<Usage> {
    let after = before;
    const grownBytes = () => after.residentBytes - before.residentBytes;
    const isGivenBack = async () => {
      after = await this.#usageOfKept();
      const isSmall = grownBytes() <= MEMORY_MARGIN_BYTES;
      return after.descriptors <= before.descriptors && isSmall;
    };
    const what = "descriptors and memory to be given back";
    await waitUntil(isGivenBack, { what, timeoutMs: GIVE_BACK_MS }).catch(
      () => {
        const { descriptors } = after;
        const mib = Math.round(grownBytes() / 2 ** 20);
        this.#note(
          `${descriptors} descriptors, ${before.descriptors} before; ` +
            `${mib} MiB more are resident`,
        );
      },
    );
    return after;
  }

  #note(problem: string): void {
    const { attack, scheduling, say } = this.#options;
    const short = problem.slice(0, MAX_PROBLEM_CHARS);
    this.#problems.push(short);
    say(`${attack.name}, ${scheduling}: ${short}`);
  }
}

function describe({ message, cause }: Error): string {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return `${message}${why}`;
}
