import type { TestContext } from "node:test";
import type { z } from "zod";
import type { Command } from "../../../src/master/supervisor/command.ts";
import { CommandLoop } from "../../../src/master/supervisor/command-loop.ts";
import type { Effect } from "../../../src/master/supervisor/effect.ts";
import { LAST_STACKS } from "../../../src/master/supervisor/health/reported-kills.ts";
import type { InspectionEvent } from "../../../src/master/supervisor/inspection/inspection-request.ts";
import {
  Supervisor,
  TICK_MS,
} from "../../../src/master/supervisor/supervisor.ts";
import type { SupervisorView } from "../../../src/master/supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { WorkerPool } from "../../../src/master/supervisor/workers/worker-pool.ts";
import { IncomingLink } from "../../../src/master/upgrade/incoming-link.ts";
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
  type FakeIncomingProcess,
  fakeIncomingProcesses,
} from "../upgrade/fake-incoming-process.ts";
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

export interface RigOptions {
  readonly isOnTerminal?: boolean;
  readonly upgradeObstacle?: string;
}

/**
 * A supervisor whose workers are fake, and whose time passes when the
 * test says so. Waits have no jitter.
 */
export class SupervisorRig {
  readonly supervisor: SupervisorView;
  readonly loop: CommandLoop;
  readonly pool: WorkerPool;
  readonly counters = new Counters();
  readonly processes: readonly FakeWorkerProcess[];
  readonly lines: readonly LogLine[];
  /** The effects: "draining 1.2" is slot 1, generation 2. */
  readonly told: string[] = [];
  /** What the callers of inspections were told. */
  readonly inspected: InspectionEvent[] = [];
  /** Processes that do not send heartbeats. */
  readonly silent = new Set<FakeWorkerProcess>();
  /** Load that the ready workers share; 1 keeps one of them busy. */
  load = 0;
  /** Called with each entry of `told`, from inside of the loop. */
  onTold: (what: string) => void = () => {};
  /** Called after each command. */
  onTurn: () => void = () => {};
  readonly #core: Supervisor;
  readonly #next = fakeIncomingProcesses();
  readonly #incoming: IncomingLink;
  readonly #clock = new FakeClock(0);
  readonly #timers: TestContext["mock"]["timers"];
  #nextReload: Promise<LoadedSettings> = Promise.reject(new Error("none"));

  constructor(
    { mock }: TestContext,
    given: GivenSettings = {},
    { isOnTerminal = false, upgradeObstacle }: RigOptions = {},
  ) {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    mock.method(Math, "random", () => 0.5);
    this.#timers = mock.timers;
    this.#nextReload.catch(() => {});
    const { fork, processes } = fakeFork();
    this.processes = processes;
    const { logger, lines } = memoryLogger();
    this.lines = lines;
    this.loop = new CommandLoop({
      logger,
      onError: () => this.counters.add("supervisorErrors"),
    });
    this.pool = new WorkerPool(fork, this.#clock, {
      onMessage: (worker, message) => {
        this.enqueue({ type: "workerMessage", worker, message });
      },
      onArrived: () => {},
      onRefused: () => {},
      onWatchdog: (worker, event, data) => {
        this.enqueue({ type: "watchdogEvent", worker, event, data });
      },
      onViolation: () => this.enqueue({ type: "tick" }),
      onGone: (worker) => this.enqueue({ type: "workerGone", worker }),
    });
    this.#core = new Supervisor(settingsSchema.parse(withDefaults(given)), {
      pool: this.pool,
      counters: this.counters,
      totals: {
        onReport: (worker, { report }) => {
          setStats(worker, { gauges: report.gauges });
        },
        onAppMetrics: () => {},
      },
      clock: this.#clock,
      logger,
      configFile: undefined,
      workingFolder: "/srv/current",
      isOnTerminal,
      upgradeObstacle,
    });
    this.supervisor = this.#core.view;
    this.#incoming = new IncomingLink(this.#next.spawn, (event) => {
      this.enqueue({ type: "handOver", event });
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
    this.loop.enqueue(command);
  }

  /** Starts: the first tick forks the first workers. */
  start(): void {
    this.loop.start({
      handle: (command) => this.#core.handle(command),
      reconcile: () => this.#core.reconcile(),
      performEffects: () => {
        for (const effect of this.#core.takeEffects()) {
          this.loop.attempt(effect.type, () => this.#perform(effect));
        }
        this.onTurn();
      },
      settle: () => this.#core.settle(),
    });
    this.loop.enqueueEvery(TICK_MS, { type: "tick" });
    this.enqueue({ type: "tick" });
  }

  /** Starts, and the first workers get ready. */
  run(): void {
    this.start();
    for (const fake of this.processes) fake.becomeReady();
  }

  /** New masters that were started. */
  get incoming(): readonly FakeIncomingProcess[] {
    return this.#next.processes;
  }

  /** Asks for an upgrade. @returns the new master */
  upgrade(): FakeIncomingProcess {
    this.enqueue({ type: "upgrade" });
    const incoming = this.incoming.at(-1);
    if (!incoming) throw new Error("no new master was started");
    return incoming;
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

  #tell(what: string): void {
    this.told.push(what);
    this.onTold(what);
  }

  /** As `Effects` does it, as far as a test looks at it. */
  #perform(effect: Effect): void {
    switch (effect.type) {
      case "bootWorker":
        this.#tell(`hello ${nameOf(effect.worker)}`);
        break;
      case "workerReady":
        this.#tell(`ready ${nameOf(effect.worker)}`);
        break;
      case "withdrawWorker":
        this.#tell(`draining ${nameOf(effect.worker)}`);
        break;
      case "drainWorker": {
        const { worker } = effect;
        this.#tell(`draining ${nameOf(worker)}`);
        if (worker.isGreeted) worker.send({ type: "drain" });
        break;
      }
      case "askForStacks": {
        const { worker, timeoutMs } = effect;
        const late = { type: "stacks", worker, answer: undefined } as const;
        this.loop.enqueueLater(timeoutMs, late);
        worker.askWatchdog({
          ...{ type: "stacks", id: LAST_STACKS, isFinal: true },
          ...{ samples: 3, timeoutMs },
        });
        break;
      }
      case "askWatchdog":
        effect.worker.askWatchdog(effect.question);
        break;
      case "restoreWorker":
        this.#tell(`restored ${nameOf(effect.worker)}`);
        break;
      case "reportInspection":
        this.inspected.push(effect.event);
        break;
      case "workerGone":
        this.#tell(`gone ${nameOf(effect.worker)}`);
        break;
      case "started":
        this.#tell("started");
        break;
      case "reopenLogs":
        this.#tell("reopen logs");
        break;
      case "reloading":
        this.#tell("reloading");
        break;
      case "readSettings":
        this.#readSettings(effect.request);
        break;
      case "reloadEnded":
        this.#tell(`reload ended: ${effect.outcome.result}`);
        break;
      case "stopping":
        this.#tell(`stopping within ${effect.maxMs}`);
        break;
      case "closeListeners":
        this.#tell("closing");
        break;
      case "stopped":
        this.loop.stopTimers();
        this.#tell(`stopped ${effect.exitCode}`);
        break;
      case "later":
        this.loop.enqueueLater(effect.afterMs, effect.command);
        break;
      case "holdAdmin":
        this.#tell("hold answers");
        break;
      case "answerAdmin":
        this.#tell("resume answers");
        break;
      default:
        this.#performUpgrade(effect);
    }
  }

  #performUpgrade(effect: Effect): void {
    switch (effect.type) {
      case "spawnIncoming": {
        const socket = { fd: 9, keepsFile: false };
        this.#incoming.spawn(new Map([["a:80", socket]]));
        break;
      }
      case "welcomeIncoming": {
        const { welcome } = effect;
        const ticketKeys = "keys";
        this.#incoming.send({ type: "welcome", ...welcome, ticketKeys });
        break;
      }
      case "sendTotals":
        this.#incoming.send({
          type: effect.as,
          totals: toHandover(noTotals()),
        });
        break;
      case "abortIncoming":
        this.#incoming.send({ type: "abort" });
        break;
      case "killIncoming":
        this.#incoming.kill();
        break;
      default:
    }
  }

  #readSettings(request: number): void {
    this.#nextReload.then(
      (loaded) => this.enqueue({ type: "settingsLoaded", request, loaded }),
      (error) => this.enqueue({ type: "settingsRefused", request, error }),
    );
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
