import { AnswersByWorker } from "../support/answers-by-worker.ts";
import type { ClientReport } from "../support/client-report.ts";
import { CounterWatch } from "../support/counter-watch.ts";
import type { ClassifiedFailures } from "../support/failure-causes.ts";
import { type LoadOptions, startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";
import { ReadinessWatch } from "./readiness-watch.ts";
import type { Subject } from "./subject.ts";

/** Result of a load on a daemon. */
export interface Findings {
  readonly report: ClientReport;
  readonly failures: ClassifiedFailures;
  readonly scrapes: number;
  readonly counted: number;
  /** Connections that the server counted as closed unserved. */
  readonly dropped: number;
  /** Upper bound of answers that kills kept from being counted. */
  readonly uncountable: number;
  readonly faults: readonly string[];
  readonly readiness: ReadinessWatch;
}

const COUNT = "http_server_request_duration_seconds_count";
const DROPPED = "server_connections_dropped_total";
const SCRAPE_PAUSE_MS = 100;
/** Heartbeats are a second apart; the rest is for a busy machine. */
const PUSHED_WITHIN_MS = 3_000;

/**
 * Puts load on a daemon, watches its counters, and counts the answers of each
 * worker on the client's side.
 */
export class WatchedLoad {
  readonly #subject: Subject;
  readonly #answers = new AnswersByWorker();
  readonly #readiness = new ReadinessWatch();
  readonly #watch: CounterWatch;
  readonly #client: ReturnType<typeof startStrictLoad>;

  constructor(subject: Subject, options: LoadOptions = {}) {
    this.#subject = subject;
    const { daemon, failureCauses } = subject;
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
      onFailure: (failure) => failureCauses.addFailure(failure),
      onAnswer: ({ headers }) => this.#answers.onAnswer(headers["x-worker"]),
    });
  }

  get report(): ClientReport {
    return this.#client.report;
  }

  /** Call it when all operations are done. */
  async stop(): Promise<Findings> {
    const report = await this.#client.stop();
    await this.#subject.untilSettled();
    const uncounted = await this.#untilAllIsCounted();
    await this.#watch.stop();
    const unexplainedDeaths = this.#subject.readDeathsFromLog();
    const failures = this.#subject.failureCauses.classify();
    const deaths = this.#subject.failureCauses.deaths;
    const uncountable = deaths.reduce((sum, { pid }) => {
      return sum + this.#answers.unpushed(pid);
    }, 0);
    const counted = await this.#subject.daemon.metricSum(COUNT);
    const dropped = await this.#subject.daemon.metricSum(DROPPED);
    const faults = [
      ...unexplainedDeaths,
      ...this.#watch.faults.map(({ what }) => what),
      ...uncounted,
      ...sumFault(counted, report, uncountable),
      ...dropFault(failures.explained.flooded, dropped),
    ];
    return {
      report,
      failures,
      scrapes: this.#watch.scrapes,
      counted,
      dropped,
      uncountable,
      faults,
      readiness: this.#readiness,
    };
  }

  async #readStatus(): Promise<void> {
    const status = await this.#subject.status();
    this.#readiness.look(status);
    for (const worker of status.workers) this.#answers.onStatus(worker);
  }

  /** The master must count every answer of living workers. */
  async #untilAllIsCounted(): Promise<string[]> {
    let wrong: string[] = [];
    const isCounted = async () => {
      const { workers } = await this.#subject.status();
      wrong = workers.flatMap(({ pid, requests }) => {
        const answered = this.#answers.answeredBy(pid);
        if (requests === answered) return [];
        return `worker ${pid}: ${answered} answers, ${requests} counted`;
      });
      return wrong.length === 0;
    };
    await waitUntil(isCounted, { what: "all to be counted" }).catch(() => {});
    return wrong;
  }

  /** Not valid if workers were stopped for long before they died. */
  overdue(): string[] {
    return this.#subject.failureCauses.deaths.flatMap(({ pid, atMs }) => {
      const count = this.#answers.overdue(pid, atMs - PUSHED_WITHIN_MS);
      return count === 0 ? [] : `worker ${pid} had not pushed ${count} answers`;
    });
  }
}

/**
 * The sum is the client's count, less the answers lost by kills. It may exceed
 * the client's count: a killed worker may have answered without the client
 * receiving it.
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

/** Floods explain at most as many failures as the daemon has counted. */
function dropFault(flooded: number, dropped: number): string[] {
  if (flooded <= dropped) return [];
  return [`${flooded} clients were closed unserved, ${dropped} counted`];
}
