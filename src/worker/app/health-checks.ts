import type { Clock } from "../../shared/clock.ts";
import { MAX_TIMER_MS } from "../../shared/max-timer-ms.ts";
import type { CheckReport } from "../../shared/metrics/worker-report.ts";
import { messageOf } from "../../shared/thrown-value.ts";

/** Resolves if the dependency is healthy, otherwise throws. */
export type HealthProbe = (signal: AbortSignal) => void | Promise<void>;

export interface CheckOptions {
  /** Time from the end of one probe to the next. Default: 10,000. */
  readonly intervalMs?: number;
  /** Longest time of a probe; then it fails and its signal aborts.
   * Default: 5,000. */
  readonly timeoutMs?: number;
}

interface Check {
  readonly name: string;
  readonly probe: HealthProbe;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  timer: NodeJS.Timeout | undefined;
  checkedAt: number | undefined;
  failure: string | undefined;
}

/** Limit on the text of a failure; each heartbeat carries it. */
const MAX_FAILURE_CHARS = 1_024;

/** Runs the health checks of an app at intervals. */
export class HealthChecks {
  readonly #checks = new Map<string, Check>();
  #clock: Clock | undefined;

  /** @throws TypeError for a name that is taken, or an invalid option */
  add(name: string, probe: HealthProbe, options: CheckOptions = {}): void {
    const { intervalMs = 10_000, timeoutMs = 5_000 } = options;
    if (typeof name !== "string" || name === "") {
      throw new TypeError("a health check has a name");
    }
    if (this.#checks.has(name)) {
      throw new TypeError(`there is a health check "${name}" already`);
    }
    if (typeof probe !== "function") {
      throw new TypeError(`the health check "${name}" is not a function`);
    }
    checkMs(`intervalMs of the health check "${name}"`, intervalMs);
    checkMs(`timeoutMs of the health check "${name}"`, timeoutMs);
    this.#checks.set(name, {
      ...{ name, probe, intervalMs, timeoutMs },
      timer: undefined,
      checkedAt: undefined,
      failure: undefined,
    });
  }

  /** Adds all checks of another instance. @throws TypeError like `add()` */
  include(other: HealthChecks): void {
    for (const { name, probe, ...options } of other.#checks.values()) {
      this.add(name, probe, options);
    }
  }

  /** Starts all checks; the first probes run at once. */
  start(clock: Clock): void {
    this.#clock = clock;
    for (const check of this.#checks.values()) this.#run(check, clock);
  }

  stop(): void {
    this.#clock = undefined;
    for (const check of this.#checks.values()) clearTimeout(check.timer);
  }

  /** Latest results; a check without a finished probe is not included. */
  reports(now: number): CheckReport[] {
    const reports: CheckReport[] = [];
    for (const { name, checkedAt, failure } of this.#checks.values()) {
      if (checkedAt === undefined) continue;
      const ageSeconds = Math.max(0, now - checkedAt) / 1000;
      reports.push({ name, ageSeconds, failure });
    }
    return reports;
  }

  async #run(check: Check, clock: Clock): Promise<void> {
    check.failure = await failureOf(check);
    if (this.#clock !== clock) return;
    check.checkedAt = clock.now();
    const again = () => this.#run(check, clock);
    check.timer = setTimeout(again, check.intervalMs).unref();
  }
}

/** Runs the probe. Returns the text of the failure, if any. */
async function failureOf(check: Check): Promise<string | undefined> {
  const { probe, timeoutMs } = check;
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${timeoutMs} ms`);
      abort.abort(error);
      reject(error);
    }, timeoutMs).unref();
  });
  try {
    await Promise.race([probe(abort.signal), tooLate]);
    return undefined;
  } catch (error) {
    return messageOf(error, MAX_FAILURE_CHARS);
  } finally {
    clearTimeout(timer);
  }
}

function checkMs(what: string, ms: number): void {
  if (Number.isInteger(ms) && ms >= 1 && ms <= MAX_TIMER_MS) return;
  throw new TypeError(
    `${what} must be a whole number of milliseconds, 1 to ${MAX_TIMER_MS}`,
  );
}
