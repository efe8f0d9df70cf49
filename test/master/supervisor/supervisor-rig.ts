import type { TestContext } from "node:test";
import type { z } from "zod";
import type { Command } from "../../../src/master/supervisor/command.ts";
import { Supervisor } from "../../../src/master/supervisor/supervisor.ts";
import type { SupervisorHooks } from "../../../src/master/supervisor/supervisor-parts.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { WorkerPool } from "../../../src/master/supervisor/workers/worker-pool.ts";
import type { UpgradeHooks } from "../../../src/master/upgrade/upgrade-parts.ts";
import type { LoadedSettings } from "../../../src/shared/config/load-settings.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import { Counters } from "../../../src/shared/metrics/counters.ts";
import { toHandover } from "../../../src/shared/metrics/handover-totals.ts";
import type { LabelledName } from "../../../src/shared/metrics/metric-names.ts";
import { noTotals } from "../../../src/shared/metrics/totals.ts";
import { deferred } from "../../support/deferred.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, memoryLogger } from "../../worker/memory-logger.ts";
import { setStats } from "../metrics/worker-reports.ts";
import {
  type PlayedSuccessor,
  playedSuccessors,
} from "../upgrade/played-successor.ts";
import {
  type FakeWorkerProcess,
  fakeFork,
} from "./workers/fake-worker-process.ts";

/** Settings, as a config file has them. */
export type GivenSettings = z.input<typeof settingsSchema>;

/** No reports are kept: that is no folder. */
const DEFAULTS = { workers: 2, reportDir: "/dev/null/none" };
const ROLL_DEFAULTS = { canaryPauseMs: 0 };

const STEP_MS = 50;
const BEAT_MS = 1_000;

/**
 * A supervisor whose workers are fake, and whose time passes
 * when the test says so. Waits have no jitter.
 */
export class SupervisorRig {
  readonly supervisor: Supervisor;
  readonly pool: WorkerPool;
  readonly counters = new Counters();
  readonly processes: readonly FakeWorkerProcess[];
  readonly lines: readonly LogLine[];
  /** What the hooks were told: "draining 1.2" is slot 1, generation 2. */
  readonly told: string[] = [];
  /** Processes that do not send heartbeats. */
  readonly silent = new Set<FakeWorkerProcess>();
  /** What workers that are ready share between them; 1 keeps one busy. */
  load = 0;
  /** Called with each entry of `told`, from inside of the loop. */
  onTold: (what: string) => void = () => {};
  /** Called after each command. */
  onTurn: () => void = () => {};
  /** Why the master cannot be upgraded. */
  refusal: string | undefined;
  readonly #next = playedSuccessors();
  readonly #clock = new FakeClock(0);
  readonly #timers: TestContext["mock"]["timers"];
  #nextReload: Promise<LoadedSettings> = Promise.reject(new Error("none"));

  constructor(
    { mock }: TestContext,
    given: GivenSettings = {},
    { isOnTerminal = false } = {},
  ) {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    mock.method(Math, "random", () => 0.5);
    this.#timers = mock.timers;
    this.#nextReload.catch(() => {});
    const { fork, processes } = fakeFork();
    this.processes = processes;
    this.pool = new WorkerPool(fork, this.#clock, {
      onMessage: (worker, message) => {
        this.enqueue({ type: "workerMessage", worker, message });
      },
      onArrived: () => {},
      onRefused: () => {},
      onViolation: () => this.enqueue({ type: "tick" }),
      onGone: (worker) => this.enqueue({ type: "workerGone", worker }),
    });
    const { logger, lines } = memoryLogger();
    this.lines = lines;
    const settings = settingsSchema.parse(withDefaults(given));
    this.supervisor = new Supervisor(settings, {
      pool: this.pool,
      counters: this.counters,
      clock: this.#clock,
      logger,
      reload: () => this.#nextReload,
      configFile: undefined,
      workingFolder: "/srv/current",
      isOnTerminal,
      hooks: this.#hooks(),
      upgrade: { hooks: this.#upgradeHooks(), start: this.#next.start },
    });
  }

  /** Workers that are there, as "1.2 ready" (slot 1, generation 2). */
  get workers(): string[] {
    return this.pool.workers.map((each) => `${nameOf(each)} ${each.state}`);
  }

  /** What was logged, by a part of its message. */
  logged(part: string): readonly LogLine[] {
    return this.lines.filter(({ msg }) => String(msg).includes(part));
  }

  enqueue(command: Command): void {
    this.supervisor.enqueue(command);
  }

  /** Starts, and the first workers get ready. */
  run(): void {
    this.supervisor.start();
    for (const fake of this.processes) fake.becomeReady();
  }

  /** New masters that were started. */
  get successors(): readonly PlayedSuccessor[] {
    return this.#next.successors;
  }

  /** Asks for an upgrade. @returns the new master */
  upgrade(): PlayedSuccessor {
    this.enqueue({ type: "upgrade" });
    const successor = this.successors.at(-1);
    if (!successor) throw new Error("no new master was started");
    return successor;
  }

  /** The next new master cannot be started. */
  failNextUpgrade(why: string): void {
    this.#next.failures.push(why);
  }

  /** The newest process of a slot. */
  process(slot: number): FakeWorkerProcess {
    const inSlot = this.pool.workers.filter((worker) => worker.slot === slot);
    const id = inSlot.at(-1)?.id;
    const fake = this.processes.find((each) => each.id === id);
    if (!fake) throw new Error(`slot ${slot} is empty`);
    return fake;
  }

  /** Asks for a reload, and waits until the settings are read. */
  async reload(result: GivenSettings | Error = {}): Promise<void> {
    this.#nextReload =
      result instanceof Error
        ? Promise.reject(result)
        : Promise.resolve(loadedFrom(withDefaults(result)));
    this.enqueue({ type: "reload" });
    await this.#nextReload.catch(() => {});
  }

  /** Asks for a reload whose settings are read once the result is called. */
  slowReload(given: GivenSettings): () => Promise<void> {
    const { promise, resolve } = deferred<LoadedSettings>();
    this.#nextReload = promise;
    this.enqueue({ type: "reload" });
    return async () => {
      resolve(loadedFrom(withDefaults(given)));
      await promise;
    };
  }

  /** Time passes; ready workers send heartbeats. */
  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.#clock.advance(STEP_MS);
      this.#timers.tick(STEP_MS);
      if (this.#clock.now() % BEAT_MS === 0) this.#beat();
    }
  }

  /** Time passes while this process does nothing, as when it is stopped. */
  sleep(ms: number): void {
    this.#clock.advance(ms);
  }

  /** By label, what was counted so far. */
  counted(name: LabelledName): Record<string, number> {
    return { ...this.counters.totals().labelled[name] };
  }

  countOf(name: LabelledName, label: string): number {
    return this.counted(name)[label] ?? 0;
  }

  #beat(): void {
    const each = Math.min(1, this.load / this.pool.countIn("ready"));
    for (const worker of this.pool.workers) {
      const fake = this.processes[worker.id - 1];
      if (!fake || this.silent.has(fake)) continue;
      if (worker.state === "ready") fake.beat(each);
    }
  }

  #upgradeHooks(): UpgradeHooks {
    return {
      refusal: () => this.refusal,
      sockets: () => new Map([["a:80", { fd: 9, keepsFile: false }]]),
      ticketKeys: () => "keys",
      totals: () => toHandover(noTotals()),
      holdAnswers: () => this.told.push("hold answers"),
      resumeAnswers: () => this.told.push("resume answers"),
      onSettled: () => {},
    };
  }

  #hooks(): SupervisorHooks {
    const tell = (what: string) => {
      this.told.push(what);
      this.onTold(what);
    };
    return {
      onHello: (worker) => tell(`hello ${nameOf(worker)}`),
      onReady: (worker) => tell(`ready ${nameOf(worker)}`),
      onDraining: (worker) => tell(`draining ${nameOf(worker)}`),
      onReport: (worker, { report }) => {
        setStats(worker, { gauges: report.gauges });
      },
      onGone: (worker) => tell(`gone ${nameOf(worker)}`),
      onStarted: () => tell("started"),
      onReopenLogs: () => tell("reopen logs"),
      onReloading: () => tell("reloading"),
      onReloadEnded: ({ result }) => tell(`reload ended: ${result}`),
      onStopping: (maxMs) => tell(`stopping within ${maxMs}`),
      onClosing: () => tell("closing"),
      onStopped: (exitCode) => tell(`stopped ${exitCode}`),
      onTurn: () => this.onTurn(),
    };
  }
}

function nameOf({ slot, generation }: WorkerHandle): string {
  return `${slot}.${generation}`;
}

function withDefaults({ roll, ...given }: GivenSettings): GivenSettings {
  return { ...DEFAULTS, ...given, roll: { ...ROLL_DEFAULTS, ...roll } };
}

function loadedFrom(given: GivenSettings): LoadedSettings {
  const settings = settingsSchema.parse(given);
  return {
    settings,
    origins: new Map(),
    configFile: undefined,
    hasEmptyConfig: false,
    configOutput: "",
    cwd: "/srv",
  };
}
