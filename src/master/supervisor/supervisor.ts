/**
 * The loop that keeps the pool as it should be. Everything that happens is a
 * command in one queue; the loop takes one, acts, and reconciles: late workers
 * out, missing workers in. Nothing else starts or ends a worker.
 *
 *   starting ─► running ─► preStop ─► draining ─► stopped
 */
import type { Settings } from "../../shared/config/settings.ts";
import type { SuccessorEvent } from "../upgrade/successor-process.ts";
import type { UpgradeOutcome } from "../upgrade/upgrade-outcome.ts";
import { Upgrades } from "../upgrade/upgrades.ts";
import type { Command, StopKind } from "./command.ts";
import type { Degraded } from "./crash-loop.ts";
import { Failures } from "./failures.ts";
import { silentLoss } from "./in-force.ts";
import { isSettled, nextSteps, type PoolGoal } from "./reconcile.ts";
import { Recycler } from "./recycler.ts";
import type { RestartReason } from "./restart-reason.ts";
import {
  type GenerationBefore,
  Generations,
  type Roll,
} from "./rollout/generations.ts";
import type { ReloadEnd, ReloadOutcome } from "./rollout/reload-outcome.ts";
import { Reloads } from "./rollout/reloads.ts";
import { Scaling, type ScalingReport } from "./scaling/scaling.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import {
  howItDied,
  howItFailed,
  reasonToGiveUp,
  reasonToReplace,
} from "./workers/worker-facts.ts";
import type { WorkerFailure, WorkerHandle } from "./workers/worker-handle.ts";
import { WorkerWatch } from "./workers/worker-watch.ts";

export type Phase = "starting" | "running" | "preStop" | "draining" | "stopped";

const EXIT_OK = 0;
const EXIT_START_FAILED = 2;
const EXIT_INTERRUPTED = 130;

/** Interrupts that come so soon are one. */
const SAME_INTERRUPT_MS = 250;

const TICK_MS = 500;
/** A new master that is told to leave may take this longer than its workers. */
const LEAVE_GRACE_MS = 5_000;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #queue: Command[] = [];
  readonly #generations: Generations;
  readonly #reloads: Reloads;
  readonly #scaling: Scaling;
  readonly #watch: WorkerWatch;
  readonly #failures: Failures;
  readonly #recycler: Recycler;
  readonly #upgrades: Upgrades;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isLooping = false;
  #phase: Phase = "starting";
  #isPaused = false;
  #interruptedAt: number | undefined;
  #startError: WorkerFailure | undefined;
  #exitCode = EXIT_OK;

  /** @param before where the master had got to that this one succeeds */
  constructor(
    settings: Settings,
    parts: SupervisorParts,
    before?: GenerationBefore,
  ) {
    this.#parts = parts;
    const { workingFolder, configFile } = parts;
    const loaded = { settings, configFile };
    this.#generations = new Generations(loaded, workingFolder, before);
    this.#reloads = new Reloads(parts, this.#generations);
    this.#scaling = new Scaling(parts, this.#generations);
    this.#upgrades = new Upgrades({
      ...parts,
      ...parts.upgrade,
      enqueue: (event) => this.enqueue({ type: "successor", event }),
    });
    this.#watch = new WorkerWatch(parts, TICK_MS);
    this.#failures = new Failures(parts);
    this.#recycler = new Recycler(parts, this.#failures);
  }

  get phase(): Phase {
    return this.#phase;
  }

  get generation(): number {
    return this.#generations.current;
  }

  get target(): number {
    return this.#isPaused ? 0 : this.#generations.target;
  }

  get scaling(): ScalingReport {
    return this.#scaling.report;
  }

  get roll(): Roll | undefined {
    return this.#generations.roll;
  }

  get lastReload(): ReloadOutcome | undefined {
    return this.#reloads.last;
  }

  get isLastConfigGood(): boolean {
    return this.#reloads.isLastConfigGood;
  }

  /**
   * How the reload ends that was asked for last; where none is under way, the
   * next one. Enqueue a reload first, then ask for its end.
   */
  whenReloadEnds(): Promise<ReloadOutcome> {
    return this.#reloads.whenEnded();
  }

  /** The same; of one that a later reload supersedes, the end of that. */
  whenReloadIsDecided(): Promise<ReloadEnd> {
    return this.#reloads.whenDecided();
  }

  /** Where workers fail again and again. */
  get degraded(): Degraded | undefined {
    return this.#failures.degraded;
  }

  get upgrades(): Pick<Upgrades, "state" | "last" | "handedOver" | "pass"> {
    return this.#upgrades;
  }

  /** Why the master cannot be upgraded now, if so. */
  get upgradeRefusal(): string | undefined {
    if (this.isStopping) return "the server is stopping";
    if (this.#phase === "starting") return "the server is still starting";
    if (this.#upgrades.state !== "idle") return "an upgrade is under way";
    if (this.#reloads.isUnderWay) return "a reload is under way";
    return this.#parts.upgrade.hooks.refusal();
  }

  /** Why there can be no reload now, if so. */
  get reloadRefusal(): string | undefined {
    if (!this.#upgrades.isUnderWay) return undefined;
    return "an upgrade is under way; it brings new workers";
  }

  /** Of the upgrade that is under way, or of the next one. */
  whenUpgradeEnds(): Promise<UpgradeOutcome> {
    return this.#upgrades.whenEnded();
  }

  /** The master leaves: nothing is left of an upgrade. */
  closeUpgrades(): Promise<void> {
    return this.#upgrades.close();
  }

  /** Why the first workers did not get ready. */
  get startError(): WorkerFailure | undefined {
    return this.#startError;
  }

  get settings(): Settings {
    return this.#generations.settings;
  }

  /** The app module, as the settings name it. */
  get app(): string | undefined {
    return this.#generations.app;
  }

  /** Where workers of the generation run. */
  folderOf(generation: number): string | undefined {
    return this.#generations.folderOf(generation);
  }

  get isStopping(): boolean {
    return this.#phase !== "starting" && this.#phase !== "running";
  }

  /** Begins: the first tick forks the first workers. */
  start(): void {
    const tick = () => this.enqueue({ type: "tick" });
    this.#timers.add(setInterval(tick, TICK_MS));
    tick();
  }

  /** The only way in. Acts at once, unless the loop is at work already. */
  enqueue(command: Command): void {
    this.#queue.push(command);
    if (this.#isLooping) return;
    this.#isLooping = true;
    for (;;) {
      const next = this.#queue.shift();
      if (!next) break;
      this.#act(next);
      this.#reconcile();
      this.#parts.hooks.onTurn();
    }
    this.#isLooping = false;
  }

  // --- one command

  #act(command: Command): void {
    switch (command.type) {
      case "reload":
        this.#reload();
        break;
      case "settingsLoaded":
        this.#beginRoll(command);
        break;
      case "settingsRefused":
        this.#reloads.refuse(command);
        break;
      case "upgrade":
        this.#upgrade();
        break;
      case "successor":
        this.#onSuccessor(command.event);
        break;
      case "stop":
        this.#stop(command.how);
        break;
      case "preStopDelayOver":
        if (this.#phase === "preStop") this.#beginDrain();
        break;
      case "scale":
        this.#scaling.tell(this.#generations.target + command.by);
        break;
      case "scaleTo":
        this.#scaling.tell(command.workers);
        break;
      case "reopenLogs":
        this.#parts.hooks.onReopenLogs();
        break;
      case "pause":
        this.#pause();
        break;
      case "workerMessage":
        this.#watch.onMessage(command.worker, command.message);
        break;
      case "workerGone":
        this.#onGone(command.worker);
        break;
      case "tick":
        this.#scaling.look(this.#isAtRest);
        this.#upgrades.tick();
        break;
      default:
        command satisfies never;
    }
  }

  #reload(): void {
    if (this.isStopping) {
      const { logger } = this.#parts;
      logger.warn("reload ignored: the server is stopping");
      return;
    }
    const why = this.reloadRefusal;
    if (why !== undefined) {
      this.#reloads.decline(why);
      return;
    }
    this.#reloads.request((command) => this.enqueue(command));
  }

  #upgrade(): void {
    const why = this.upgradeRefusal;
    if (why !== undefined) {
      this.#upgrades.refuse(why);
      return;
    }
    const { upgradeTimeoutMs: timeoutMs, drain } = this.settings;
    this.#upgrades.begin({
      generation: this.#generations.latest,
      workers: this.#generations.target,
      inForce: this.#generations.inForce,
      timeoutMs,
      abortTimeoutMs: drain.deadlineMs + LEAVE_GRACE_MS,
    });
  }

  #onSuccessor(event: SuccessorEvent): void {
    this.#upgrades.handle(event);
    // Readiness is the new master's: there is nobody to wait for.
    if (this.#upgrades.hasReleased && !this.isStopping) this.#beginDrain();
  }

  #beginRoll(command: Extract<Command, { type: "settingsLoaded" }>): void {
    if (this.isStopping) return;
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
    this.#isPaused = false;
    this.#failures.forget();
    // Where nobody serves, there is nothing that a canary could keep.
    const isServing = this.#parts.pool.countIn("ready") > 0;
    const hasCanary = this.#phase === "running" && isServing;
    this.#reloads.begin(command, hasCanary);
  }

  #stop(how: StopKind): void {
    this.#upgrades.abandon("the server is stopping");
    if (how === "interrupt") this.#interrupt();
    if (how === "now") this.#stopNow();
    if (this.isStopping) {
      if (this.#phase === "preStop") this.#beginDrain();
      return;
    }
    const { logger, hooks } = this.#parts;
    const { preStopDelayMs, deadlineMs } = this.settings.drain;
    const delayMs = how === "terminate" ? preStopDelayMs : 0;
    logger.info({ how, delayMs }, "stopping");
    hooks.onStopping(delayMs + deadlineMs);
    this.#phase = "preStop";
    if (delayMs === 0) this.#beginDrain();
    else this.#later(delayMs, { type: "preStopDelayOver" });
  }

  /** A second one means: at once. */
  #interrupt(): void {
    const { clock, logger, pool } = this.#parts;
    const now = clock.now();
    this.#interruptedAt ??= now;
    // Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
    if (now - this.#interruptedAt < SAME_INTERRUPT_MS) return;
    logger.warn("interrupted again: stopping at once");
    this.#exitCode = EXIT_INTERRUPTED;
    for (const worker of pool.workers) worker.kill("SIGKILL");
  }

  #stopNow(): void {
    const { logger, pool } = this.#parts;
    logger.warn("told to stop at once: requests in flight are cut");
    for (const worker of pool.workers) worker.kill("SIGKILL");
  }

  #beginDrain(): void {
    this.#phase = "draining";
    this.#reloads.stop();
    this.#parts.hooks.onClosing();
  }

  #pause(): void {
    if (this.#parts.isOnTerminal || this.isStopping) return;
    this.#isPaused = true;
    this.#reloads.abort("all workers were told to leave");
    this.#parts.logger.info("draining all workers; a reload brings new ones");
  }

  // --- workers

  #onGone(worker: WorkerHandle): void {
    const end = this.#watch.reap(worker);
    switch (end.type) {
      case "left":
        break;
      case "startFailed":
        this.#onStartFailed(worker, end.error);
        break;
      case "crashed":
        this.#onCrash(worker, end.reason);
        break;
      default:
        end satisfies never;
    }
  }

  #onCrash(worker: WorkerHandle, reason: RestartReason): void {
    this.#parts.counters.count("restarts", reason);
    const error = howItFailed(worker);
    const text = worker.isAlive
      ? "worker is given up; a new one follows"
      : "worker died; a new one follows";
    const waitMs = this.#failures.note(worker, { reason, error }, text);
    if (worker.generation === this.roll?.generation) {
      this.#reloads.abort(`${howItDied(worker)} while it was rolled out`);
    }
    this.#later(waitMs, { type: "tick" });
  }

  #onStartFailed(worker: WorkerHandle, failure: WorkerFailure): void {
    const { pool, counters } = this.#parts;
    if (this.#phase === "starting") {
      this.#startError ??= failure;
      this.#exitCode = EXIT_START_FAILED;
      for (const other of pool.workers) other.kill("SIGKILL");
      this.#beginDrain();
      return;
    }
    if (this.isStopping) return;
    counters.count("restarts", "start_failed");
    const cause = { reason: "start_failed", error: failure.message } as const;
    const text = "worker did not become ready";
    const waitMs = this.#failures.note(worker, cause, text);
    if (worker.generation === this.roll?.generation) {
      this.#reloads.abort(failure.message);
    } else {
      this.#reloads.keepInSlot(worker);
    }
    this.#later(waitMs, { type: "tick" });
  }

  // --- after each command

  #reconcile(): void {
    switch (this.#phase) {
      case "starting":
      case "running":
      case "preStop":
        this.#giveUp(this.#watch.killUnhealthy());
        this.#recycle();
        this.#reloads.judgeCanary();
        this.#takeSteps();
        this.#reloads.noteProgress();
        this.#noticeSettled();
        break;
      case "draining":
        this.#watch.killUnhealthy();
        this.#drainAll();
        break;
      case "stopped":
        break;
      default:
        this.#phase satisfies never;
    }
  }

  /** Their slots need not wait until the processes are gone. */
  #giveUp(workers: readonly WorkerHandle[]): void {
    for (const worker of workers) {
      this.#onCrash(worker, reasonToGiveUp(worker));
    }
  }

  /** Not during a roll: that replaces all of them. */
  #recycle(): void {
    const isCalm = this.#phase === "running" && !this.#isPaused;
    if (isCalm && !this.roll) this.#recycler.markNext();
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

  #noticeSettled(): void {
    const { pool, hooks } = this.#parts;
    this.#failures.look(this.target, this.settings.crashLoop);
    if (!isSettled(pool.workers, this.#goal())) return;
    if (this.#phase === "starting" && !this.#isPaused) {
      this.#phase = "running";
      hooks.onStarted();
    }
    this.#reloads.settle();
  }

  #drainAll(): void {
    const { pool, hooks, logger } = this.#parts;
    for (const worker of pool.workers) {
      if (worker.state !== "draining") this.#drain(worker);
    }
    if (pool.workers.length > 0 || !this.#upgrades.mayLeave) return;
    this.#phase = "stopped";
    for (const timer of this.#timers) clearTimeout(timer);
    logger.info({ exitCode: this.#exitCode }, "stopped");
    hooks.onStopped(this.#exitCode);
  }

  #drain(worker: WorkerHandle): void {
    const { hooks, clock } = this.#parts;
    worker.markDraining(clock.now());
    // First no more connections, then the word: what is on its way is served.
    hooks.onDraining(worker);
    if (worker.isGreeted) worker.send({ type: "drain" });
  }

  // --- small parts

  /** Whether nothing is under way that changes the pool. */
  get #isAtRest(): boolean {
    const isBusy = this.#isPaused || this.roll || this.#upgrades.isUnderWay;
    return this.#phase === "running" && !isBusy;
  }

  #goal(): PoolGoal {
    const { goal } = this.#generations;
    const { notBefore } = this.#parts.pool;
    if (!this.#isPaused) return { ...goal, notBefore };
    return { ...goal, notBefore, target: 0, spared: 0 };
  }

  #later(ms: number, command: Command): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.enqueue(command);
    }, ms);
    this.#timers.add(timer);
  }
}
