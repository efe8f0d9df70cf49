import type { ClientReport } from "../support/client-report.ts";
import { CounterWatch } from "../support/counter-watch.ts";
import type { Verdicts } from "../support/inquest.ts";
import { type LoadOptions, startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";
import { WorkerAccounts } from "../support/worker-accounts.ts";
import { HerdWatch } from "./herd-watch.ts";
import type { Subject } from "./subject.ts";

/** What a load on a daemon came to, and what is wrong with it. */
export interface Findings {
  readonly report: ClientReport;
  readonly verdicts: Verdicts;
  readonly scrapes: number;
  readonly counted: number;
  /** Connections that the server says it has closed unserved. */
  readonly dropped: number;
  /** Answers that kills may have kept from being counted, at most. */
  readonly uncountable: number;
  readonly faults: readonly string[];
  readonly herd: HerdWatch;
}

const COUNT = "http_server_request_duration_seconds_count";
const DROPPED = "server_connections_dropped_total";
const SCRAPE_PAUSE_MS = 100;
/** Pushes are a second apart; the rest is for a machine that is busy. */
const PUSHED_WITHIN_MS = 3_000;

/**
 * Load on a daemon, while its counters are watched and its workers' answers
 * are counted on the client's side too.
 */
export class WatchedLoad {
  readonly #subject: Subject;
  readonly #accounts = new WorkerAccounts();
  readonly #herd = new HerdWatch();
  readonly #watch: CounterWatch;
  readonly #client: ReturnType<typeof startStrictLoad>;

  constructor(subject: Subject, options: LoadOptions = {}) {
    this.#subject = subject;
    const { daemon, inquest } = subject;
    this.#watch = new CounterWatch({
      scrape: async () => {
        await this.#readStatus();
        return daemon.metrics();
      },
      pauseMs: SCRAPE_PAUSE_MS,
    });
    this.#client = startStrictLoad(daemon, {
      ...options,
      numberField: "X-Number",
      onFailure: (failure) => inquest.addFailure(failure),
      onAnswer: ({ headers }) => this.#accounts.onAnswer(headers["x-worker"]),
    });
  }

  get report(): ClientReport {
    return this.#client.report;
  }

  /** Once nobody does anything to the daemon any more. */
  async stop(): Promise<Findings> {
    const report = await this.#client.stop();
    await this.#subject.untilSettled();
    const unheard = await this.#untilAllIsHeard();
    await this.#watch.stop();
    const strangeDeaths = this.#subject.inquireIntoLog();
    const verdicts = this.#subject.inquest.verdicts();
    const deaths = this.#subject.inquest.deaths;
    const uncountable = deaths.reduce((sum, { pid }) => {
      return sum + this.#accounts.unpushed(pid);
    }, 0);
    const counted = await this.#subject.daemon.metricSum(COUNT);
    const dropped = await this.#subject.daemon.metricSum(DROPPED);
    const faults = [
      ...strangeDeaths,
      ...this.#watch.faults.map(({ what }) => what),
      ...unheard,
      ...sumFault(counted, report, uncountable),
      ...dropFault(verdicts.explained.flooded, dropped),
    ];
    return {
      report,
      verdicts,
      scrapes: this.#watch.scrapes,
      counted,
      dropped,
      uncountable,
      faults,
      herd: this.#herd,
    };
  }

  async #readStatus(): Promise<void> {
    const status = await this.#subject.status();
    this.#herd.look(status);
    for (const worker of status.workers) this.#accounts.onStatus(worker);
  }

  /** Of the workers that live, the master must know every answer. */
  async #untilAllIsHeard(): Promise<string[]> {
    let wrong: string[] = [];
    const isHeard = async () => {
      const { workers } = await this.#subject.status();
      wrong = workers.flatMap(({ pid, requests }) => {
        const answered = this.#accounts.answeredBy(pid);
        if (requests === answered) return [];
        return `worker ${pid}: ${answered} answers, ${requests} counted`;
      });
      return wrong.length === 0;
    };
    await waitUntil(isHeard, { what: "all to be counted" }).catch(() => {});
    return wrong;
  }

  /** Not if workers were stopped for longer before they died. */
  overdue(): string[] {
    return this.#subject.inquest.deaths.flatMap(({ pid, atMs }) => {
      const count = this.#accounts.overdue(pid, atMs - PUSHED_WITHIN_MS);
      return count === 0 ? [] : `worker ${pid} had not pushed ${count} answers`;
    });
  }
}

/**
 * The sum is what the client counted, less what kills have taken; and what a
 * killed worker had answered the client may not have got.
 */
function sumFault(
  counted: number,
  { answered, failureCount }: ClientReport,
  uncountable: number,
): string[] {
  const [least, most] = [answered - uncountable, answered + failureCount];
  if (counted >= least && counted <= most) return [];
  return [`${counted} counted, which is not between ${least} and ${most}`];
}

/** A flood explains no more unserved clients than the daemon has counted. */
function dropFault(flooded: number, dropped: number): string[] {
  if (flooded <= dropped) return [];
  return [`${flooded} clients were closed unserved, ${dropped} counted`];
}
