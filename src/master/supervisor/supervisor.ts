/**
 * Keeps the worker pool at its target. After each command of the queue the pool
 * is reconciled: late workers out, missing workers in. Only this starts or
 * stops workers. Actions on the other parts of the master are effects, which
 * the caller performs.
 */
import type { Settings } from "../../shared/config/settings.ts";
import type { Command } from "./command.ts";
import type { Effect } from "./effect.ts";
import { Failures } from "./health/failures.ts";
import { Recycler } from "./health/recycling.ts";
import { LAST_STACKS } from "./health/reported-kills.ts";
import { WorkerEnds } from "./health/worker-ends.ts";
import { silentLoss } from "./in-force.ts";
import { Inspections } from "./inspection/inspections.ts";
import { LogLevels } from "./log-levels.ts";
import { MasterLifecycle } from "./master-lifecycle.ts";
import { isSettled, nextSteps, type PoolGoal } from "./reconcile.ts";
import { type GenerationBefore, Generations } from "./rollout/generations.ts";
import { Reloads } from "./rollout/reloads.ts";
import { Scaling } from "./scaling/scaling.ts";
import { Shutdown } from "./shutdown.ts";
import type { DecisionParts, SupervisorParts } from "./supervisor-parts.ts";
import { SupervisorView } from "./supervisor-view.ts";
import { Upgrades } from "./upgrades.ts";
import { reasonToReplace } from "./workers/worker-facts.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";
import { WorkerWatch } from "./workers/worker-watch.ts";

/** Interval of the command "tick". */
export const TICK_MS = 500;

/** The upgrade that started this master. */
export interface TakeOver {
  readonly outgoingPid: number;
  /** State of the outgoing master; undefined if it has died. */
  readonly before: GenerationBefore | undefined;
}

export class Supervisor {
  /** The state, for parts that only read it. */
  readonly view: SupervisorView;
  readonly #parts: DecisionParts;
  readonly #lifecycle = new MasterLifecycle();
  readonly #generations: Generations;
  readonly #logLevels: LogLevels;
  readonly #reloads: Reloads;
  readonly #scaling: Scaling;
  readonly #watch: WorkerWatch;
  readonly #failures: Failures;
  readonly #recycler: Recycler;
  readonly #upgrades: Upgrades;
  readonly #shutdown: Shutdown;
  readonly #ends: WorkerEnds;
  readonly #inspections: Inspections;

  constructor(settings: Settings, given: SupervisorParts, takeOver?: TakeOver) {
    const parts: DecisionParts = { ...given, effects: [] };
    this.#parts = parts;
    const { workingFolder, configFile } = parts;
    const loaded = { settings, configFile };
    const before = takeOver?.before;
    this.#generations = new Generations(loaded, workingFolder, before);
    this.#logLevels = new LogLevels(parts, settings.logLevel);
    this.#reloads = new Reloads(parts, {
      generations: this.#generations,
      logLevels: this.#logLevels,
    });
    this.#scaling = new Scaling(parts, this.#generations);
    this.#upgrades = new Upgrades(parts, takeOver?.outgoingPid);
    this.#watch = new WorkerWatch(parts, TICK_MS);
    this.#failures = new Failures(parts);
    this.#recycler = new Recycler(parts, this.#failures);
    const below = {
      lifecycle: this.#lifecycle,
      generations: this.#generations,
      logLevels: this.#logLevels,
      reloads: this.#reloads,
      scaling: this.#scaling,
      failures: this.#failures,
      upgrades: this.#upgrades,
      watch: this.#watch,
    };
    this.#shutdown = new Shutdown(parts, below);
    const shutdown = this.#shutdown;
    this.#ends = new WorkerEnds(parts, { ...below, shutdown });
    this.#inspections = new Inspections(parts);
    this.view = new SupervisorView(below);
  }

  /** The effects since the last call, in order. */
  takeEffects(): Effect[] {
    return this.#parts.effects.splice(0);
  }

  // --- one command

  handle(command: Command): void {
    switch (command.type) {
      case "reload":
        this.#reload();
        break;
      case "settingsLoaded":
        this.#beginRollout(command);
        break;
      case "settingsRefused":
        this.#reloads.refuse(command);
        break;
      case "upgrade":
        this.#upgrade();
        break;
      case "handOver":
        this.#upgrades.handOver(command.event);
        // The new master is ready, so this one can drain without a delay.
        if (this.view.upgrades.hasReleased) this.#shutdown.beginDrain();
        break;
      case "takeOver":
        this.#upgrades.takeOver(command.event);
        if (this.#upgrades.incoming?.state === "failed")
          this.#shutdown.stop("quit");
        break;
      case "stop":
        this.#shutdown.stop(command.how);
        break;
      case "fatal":
        this.#shutdown.stopAfterError(command.error);
        break;
      case "preStopDelayOver":
        this.#shutdown.beginDrain();
        break;
      case "scale":
        this.#scaling.scaleByHand(this.#generations.target + command.by);
        break;
      case "scaleTo":
        this.#scaling.scaleByHand(command.workers);
        break;
      case "reopenLogs":
        this.#emit({ type: "reopenLogs" });
        break;
      case "setLogLevel": {
        const { level, forMs } = command;
        if (level === undefined) this.#logLevels.reset();
        else this.#logLevels.change(level, forMs);
        break;
      }
      case "logLevelTimeout":
        this.#logLevels.onTimeout(command.change);
        break;
      case "pause":
        this.#pause();
        break;
      case "workerMessage":
        this.#onWorkerMessage(command);
        break;
      case "workerUsage":
        command.worker.recordUsage(command.usage);
        break;
      case "workerGone":
        this.#ends.onGone(command.worker);
        this.#inspections.onGone(command.worker);
        break;
      case "stacks":
        this.#watch.onStacks(command.worker, command.answer);
        break;
      case "watchdogEvent":
        this.#onWatchdogEvent(command);
        break;
      case "inspect":
        this.#inspections.begin(command.request);
        break;
      case "cancelInspection":
        this.#inspections.cancel(command.id);
        break;
      case "closeInspector":
        this.#inspections.closeInspector(command.slot);
        break;
      case "ticketKeys": {
        const { ticketKeys } = command;
        const message = { type: "ticketKeys", ticketKeys } as const;
        this.#emit({ type: "tellWorkers", message });
        break;
      }
      case "tick":
        this.#scaling.sample(this.#isAtRest);
        this.#upgrades.tick();
        this.#inspections.tick();
        break;
      default:
        command satisfies never;
    }
  }

  #reload(): void {
    if (this.#lifecycle.isStopping) {
      const { logger } = this.#parts;
      logger.warn("reload ignored: the server is stopping");
      return;
    }
    const why = this.view.reloadRefusal;
    if (why === undefined) this.#reloads.request();
    else this.#reloads.decline(why);
  }

  #upgrade(): void {
    const why = this.view.upgradeRefusal;
    if (why === undefined) {
      this.#upgrades.begin(this.#generations, this.view.settings);
    } else this.#upgrades.outgoing.refuse(why);
  }

  #beginRollout(command: Extract<Command, { type: "settingsLoaded" }>): void {
    if (this.#lifecycle.isStopping) return;
    if (this.#reloads.isOvertaken(command)) {
      this.#reloads.dropOvertaken(command);
      return;
    }
    const loss = silentLoss(this.#generations.inForce, command.loaded);
    if (loss !== undefined) {
      const { request } = command;
      const error = new Error(loss);
      this.#reloads.refuse({ type: "settingsRefused", request, error });
      return;
    }
    this.#lifecycle.resume();
    this.#failures.forget();
    // A canary protects serving workers, so there must be some.
    const isServing = this.#parts.pool.countIn("ready") > 0;
    const hasCanary = this.#lifecycle.phase === "running" && isServing;
    this.#reloads.begin(command, hasCanary);
  }

  #onWorkerMessage({
    worker,
    message,
  }: Extract<Command, { type: "workerMessage" }>): void {
    this.#watch.onMessage(worker, message);
    if (message.type !== "hello" || worker.state === "draining") return;
    const { pool } = this.#parts;
    const folder = this.#generations.folderOf(worker.generation);
    const mayAccept = this.#upgrades.incoming?.mayAccept ?? true;
    this.#emit({ type: "bootWorker", worker, folder, mayAccept });
    const pids = pool.workers.map(({ pid }) => pid);
    this.#upgrades.takeOver({ type: "workersChanged", pids });
  }

  #onWatchdogEvent({
    worker,
    event,
    data,
  }: Extract<Command, { type: "watchdogEvent" }>): void {
    this.#inspections.onEvent(worker, event, data);
    if (event.type === "unreadable") {
      this.#watch.onStacks(worker, { stacks: [] });
    } else if (event.type === "stacks" && event.id === LAST_STACKS) {
      this.#watch.onStacks(worker, event);
    }
  }

  #pause(): void {
    const { isOnTerminal, logger } = this.#parts;
    if (isOnTerminal || this.#lifecycle.isStopping) return;
    this.#lifecycle.pause();
    this.#reloads.abort("all workers were told to leave");
    logger.info("draining all workers; a reload brings new ones");
  }

  // --- after each command

  reconcile(): void {
    switch (this.#lifecycle.phase) {
      case "starting":
      case "running":
      case "paused":
      case "preStop":
        this.#ends.giveUp(this.#watch.killUnhealthy());
        this.#recycle();
        this.#reloads.judgeCanary();
        this.#takeSteps();
        this.#reloads.noteProgress();
        break;
      case "draining":
        this.#watch.killUnhealthy();
        this.#drainAll();
        break;
      case "stopped":
        break;
      default:
        this.#lifecycle.phase satisfies never;
    }
  }

  /** Skipped during a rollout, which replaces all workers. */
  #recycle(): void {
    const isRunning = this.#lifecycle.phase === "running";
    if (isRunning && !this.#generations.rollout) this.#recycler.markNext();
  }

  #takeSteps(): void {
    const { pool, counters, clock } = this.#parts;
    const goal = this.#goal();
    for (const step of nextSteps(pool.workers, goal, clock.now())) {
      if (step.type === "fork") {
        const { slot, generation } = step;
        pool.fork(slot, generation, this.#generations.settingsOf(generation));
        continue;
      }
      const { worker } = step;
      counters.count("restarts", reasonToReplace(worker, goal));
      this.#drain(worker);
    }
  }

  /**
   * Notices that the pool is what it should be: a start or a reload has ended.
   *
   * @returns whether effects follow
   */
  settle(): boolean {
    const { pool, effects } = this.#parts;
    const { phase } = this.#lifecycle;
    if (phase === "draining" || phase === "stopped") return false;
    this.#failures.look(this.view.target, this.view.settings.crashLoop);
    if (!isSettled(pool.workers, this.#goal())) return false;
    if (this.#lifecycle.phase === "starting") {
      this.#lifecycle.run();
      this.#emit({ type: "started", workers: pool.countIn("ready") });
      this.#upgrades.takeOver({ type: "workersReady" });
    }
    this.#reloads.settle();
    return effects.length > 0;
  }

  #drainAll(): void {
    const { pool, logger } = this.#parts;
    for (const worker of pool.workers) {
      if (worker.state !== "draining") this.#drain(worker);
    }
    if (pool.workers.length > 0 || !this.#upgrades.outgoing.mayLeave) return;
    this.#lifecycle.stop();
    const { exitCode } = this.#lifecycle;
    logger.info({ exitCode }, "stopped");
    this.#emit({ type: "stopped", exitCode });
  }

  #drain(worker: WorkerHandle): void {
    worker.markDraining(this.#parts.clock.now());
    this.#emit({ type: "drainWorker", worker });
  }

  // --- small parts

  /** Whether nothing in progress changes the pool. */
  get #isAtRest(): boolean {
    const isBusy =
      this.#generations.rollout || this.#upgrades.outgoing.isUnderWay;
    return this.#lifecycle.phase === "running" && !isBusy;
  }

  #goal(): PoolGoal {
    const { goal } = this.#generations;
    const { notBefore } = this.#parts.pool;
    if (this.#lifecycle.phase !== "paused") return { ...goal, notBefore };
    return { ...goal, notBefore, target: 0, spared: 0 };
  }

  #emit(effect: Effect): void {
    this.#parts.effects.push(effect);
  }
}
