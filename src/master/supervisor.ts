/**
 * The loop that keeps the herd as it should be. Everything that happens is a
 * command in one queue; the loop takes one, acts, and reconciles: late workers
 * out, missing workers in. Nothing else starts or ends a worker.
 *
 *   starting ─► running ─► preStop ─► draining ─► stopped
 */
import type { Settings } from "../shared/config/settings.ts";
import type { WorkerMessage } from "../shared/ipc-messages.ts";
import type { Command, StopKind } from "./command.ts";
import type { RestartReason } from "./counters.ts";
import { reloadable } from "./fixed-settings.ts";
import { Generations, type ReloadOutcome, type Roll } from "./generations.ts";
import { complaintAbout } from "./health.ts";
import { type HerdGoal, isSettled, nextSteps } from "./reconcile.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { howItEnded, identityOf, reasonToReplace } from "./worker-facts.ts";
import type { WorkerHandle } from "./worker-handle.ts";

export type Phase = "starting" | "running" | "preStop" | "draining" | "stopped";

const EXIT_OK = 0;
const EXIT_START_FAILED = 2;
const EXIT_INTERRUPTED = 130;

/** Interrupts that come so soon are one. */
const SAME_INTERRUPT_MS = 250;

const TICK_MS = 500;
/** A tick that is so late means that the master itself was held up. */
const HELD_UP_MS = 1_000;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #queue: Command[] = [];
  readonly #generations: Generations;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isLooping = false;
  #phase: Phase = "starting";
  #isPaused = false;
  #interruptedAt: number | undefined;
  #startError: { message: string; stack?: string } | undefined;
  #exitCode = EXIT_OK;
  #lookedAt = 0;

  constructor(settings: Settings, parts: SupervisorParts) {
    this.#parts = parts;
    this.#generations = new Generations(settings);
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

  get roll(): Roll | undefined {
    return this.#generations.roll;
  }

  get lastReload(): ReloadOutcome | undefined {
    return this.#generations.lastReload;
  }

  /** Why the first workers did not get ready. */
  get startError(): { message: string; stack?: string } | undefined {
    return this.#startError;
  }

  get settings(): Settings {
    return this.#generations.settings;
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
        this.#beginRoll(command.loaded.settings);
        break;
      case "settingsRefused":
        this.#refuseSettings(command.error);
        break;
      case "stop":
        this.#stop(command.how);
        break;
      case "preStopDelayOver":
        if (this.#phase === "preStop") this.#beginDrain();
        break;
      case "scale":
        this.#scale(command.by);
        break;
      case "pause":
        this.#pause();
        break;
      case "workerMessage":
        this.#onMessage(command.worker, command.message);
        break;
      case "workerGone":
        this.#onGone(command.worker);
        break;
      case "tick":
        break;
      default:
        command satisfies never;
    }
  }

  #reload(): void {
    const { logger, reload } = this.#parts;
    if (this.isStopping) {
      logger.warn("reload ignored: the server is stopping");
      return;
    }
    logger.info("reloading");
    reload().then(
      (loaded) => this.enqueue({ type: "settingsLoaded", loaded }),
      (error) => this.enqueue({ type: "settingsRefused", error }),
    );
  }

  #beginRoll(wanted: Settings): void {
    if (this.isStopping) return;
    const { logger, counters, herd, clock } = this.#parts;
    const { settings, ignored } = reloadable(this.settings, wanted);
    for (const name of ignored) {
      logger.warn({ setting: name }, "changed setting needs a restart");
    }
    counters.isLastConfigGood = true;
    herd.forgetFailures();
    this.#isPaused = false;
    logger.level = settings.logLevel;
    const { generation } = this.#generations.begin(settings, clock.now());
    logger.info({ generation }, "rolling restart");
  }

  #refuseSettings(error: Error): void {
    const { logger, counters } = this.#parts;
    logger.error(`reload refused: ${error.message}`);
    counters.isLastConfigGood = false;
    counters.countReload("refused");
    this.#generations.refuse(error.message);
  }

  #stop(how: StopKind): void {
    if (how === "interrupt") this.#interrupt();
    if (this.isStopping) {
      if (this.#phase === "preStop") this.#beginDrain();
      return;
    }
    const { logger } = this.#parts;
    const { preStopDelayMs } = this.settings.drain;
    const delayMs = how === "terminate" ? preStopDelayMs : 0;
    logger.info({ how, delayMs }, "stopping");
    this.#phase = "preStop";
    if (delayMs === 0) this.#beginDrain();
    else this.#later(delayMs, { type: "preStopDelayOver" });
  }

  /** A second one means: at once. */
  #interrupt(): void {
    const { clock, logger, herd } = this.#parts;
    const now = clock.now();
    this.#interruptedAt ??= now;
    // Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
    if (now - this.#interruptedAt < SAME_INTERRUPT_MS) return;
    logger.warn("interrupted again: stopping at once");
    this.#exitCode = EXIT_INTERRUPTED;
    for (const worker of herd.workers) worker.kill("SIGKILL");
  }

  #beginDrain(): void {
    this.#phase = "draining";
    this.#parts.hooks.onClosing();
  }

  #scale(by: 1 | -1): void {
    this.#generations.scale(by);
    const workers = this.#generations.target;
    this.#parts.logger.info({ workers }, "scaling");
  }

  #pause(): void {
    // A terminal sends WINCH whenever its window changes.
    if (process.stdout.isTTY || this.isStopping) return;
    this.#isPaused = true;
    this.#parts.logger.info("draining all workers; a reload brings new ones");
  }

  // --- workers

  #onMessage(worker: WorkerHandle, message: WorkerMessage): void {
    const { hooks, logger, clock } = this.#parts;
    switch (message.type) {
      case "hello":
        worker.hasSaidHello = true;
        if (worker.state === "draining") worker.send({ type: "drain" });
        else hooks.onHello(worker);
        break;
      case "ready":
        if (worker.state !== "starting") return;
        worker.moveTo("ready");
        worker.readyAt = clock.now();
        worker.lastHeartbeatAt = worker.readyAt;
        logger.info(identityOf(worker), "worker ready");
        hooks.onReady(worker, message.routes);
        break;
      case "failed":
        worker.failure = {
          message: message.message,
          ...(message.stack !== undefined && { stack: message.stack }),
        };
        break;
      case "heartbeat":
        worker.lastHeartbeatAt = clock.now();
        hooks.onReport(worker, message);
        break;
      case "retire":
        logger.info({ ...identityOf(worker), why: message.why }, "retiring");
        worker.wantsToRetire = true;
        break;
      case "leaving":
        worker.hasSaidGoodbye = true;
        hooks.onReport(worker, message);
        break;
      case "accepted":
      case "connections":
        break; // the dispatcher's
      case "count":
        break; // the rate counter's
      default:
        message satisfies never;
    }
  }

  #onGone(worker: WorkerHandle): void {
    const { herd, hooks, counters, logger, clock } = this.#parts;
    const { state, exit } = worker;
    herd.remove(worker);
    worker.moveTo("gone");
    hooks.onGone(worker);
    const fields = { ...identityOf(worker), ...exit };
    if (state === "draining" && worker.hasSaidGoodbye) {
      const seconds = (clock.now() - (worker.drainingSince ?? 0)) / 1000;
      counters.drains.observe(seconds);
      logger.info({ ...fields, seconds }, "worker left");
    } else if (state === "draining" && worker.readyAt === undefined) {
      logger.info(fields, "worker dismissed before it was ready");
    } else if (state === "draining") {
      logger.warn(fields, "worker died while it was draining");
    } else if (state === "starting") {
      this.#onStartFailed(worker);
    } else {
      this.#onCrash(worker);
    }
  }

  #onCrash(worker: WorkerHandle): void {
    const { herd, counters, logger } = this.#parts;
    const reason: RestartReason =
      worker.killReason === "stuck" ? "stuck" : "crash";
    counters.countRestart(reason);
    const waitMs = herd.backOff(worker);
    const fields = { ...identityOf(worker), ...worker.exit, reason, waitMs };
    logger.error(fields, "worker died; a new one follows");
    this.#later(waitMs, { type: "tick" });
  }

  #onStartFailed(worker: WorkerHandle): void {
    const { herd, counters, logger } = this.#parts;
    const failure = worker.failure ?? { message: howItEnded(worker) };
    if (this.#phase === "starting") {
      this.#startError ??= failure;
      this.#exitCode = EXIT_START_FAILED;
      for (const other of herd.workers) other.kill("SIGKILL");
      this.#beginDrain();
      return;
    }
    if (this.isStopping) return;
    const waitMs = herd.backOff(worker);
    counters.countRestart("start_failed");
    const fields = { ...identityOf(worker), error: failure.message };
    logger.error(fields, "worker did not become ready");
    if (worker.generation === this.roll?.generation) {
      this.#abortRoll(this.roll, failure.message);
    }
    this.#later(waitMs, { type: "tick" });
  }

  /** The old workers go on, and are again what there should be. */
  #abortRoll(roll: Roll, why: string): void {
    const { logger, herd, counters } = this.#parts;
    this.#generations.abort(why);
    counters.countReload("failure");
    for (const worker of herd.workers) {
      const isOfRoll = worker.generation === roll.generation;
      if (isOfRoll && worker.state === "starting") this.#drain(worker);
    }
    const { generation } = roll;
    const fields = { generation, kept: this.generation, error: why };
    logger.error(fields, "reload failed; the old workers go on");
  }

  // --- after each command

  #reconcile(): void {
    switch (this.#phase) {
      case "starting":
      case "running":
      case "preStop":
        this.#killComplainedOf();
        this.#takeSteps();
        this.#noticeSettled();
        break;
      case "draining":
        this.#killComplainedOf();
        this.#drainAll();
        break;
      case "stopped":
        break;
      default:
        this.#phase satisfies never;
    }
  }

  #takeSteps(): void {
    const { herd, counters, clock } = this.#parts;
    const goal = this.#goal();
    for (const step of nextSteps(herd.workers, goal, clock.now())) {
      if (step.type === "fork") {
        herd.fork(step.slot, this.generation, this.settings);
        continue;
      }
      const { worker } = step;
      counters.countRestart(reasonToReplace(worker, goal));
      this.#drain(worker);
    }
  }

  #noticeSettled(): void {
    const { herd, hooks, counters, logger, clock } = this.#parts;
    if (this.#isPaused) return;
    if (!isSettled(herd.workers, this.#goal())) return;
    if (this.#phase === "starting") {
      this.#phase = "running";
      hooks.onStarted();
    }
    const { roll } = this;
    if (!roll) return;
    const { generation } = roll;
    const seconds = (clock.now() - roll.startedAt) / 1000;
    logger.info({ generation, seconds }, "reloaded");
    counters.countReload("success");
    this.#generations.succeed();
  }

  #drainAll(): void {
    const { herd, hooks, logger } = this.#parts;
    for (const worker of herd.workers) {
      if (worker.state !== "draining") this.#drain(worker);
    }
    if (herd.workers.length > 0) return;
    this.#phase = "stopped";
    for (const timer of this.#timers) clearTimeout(timer);
    logger.info({ exitCode: this.#exitCode }, "stopped");
    hooks.onStopped(this.#exitCode);
  }

  #drain(worker: WorkerHandle): void {
    const { hooks, clock } = this.#parts;
    worker.moveTo("draining");
    worker.drainingSince = clock.now();
    // First no more connections, then the word: what is on its way is served.
    hooks.onDraining(worker);
    if (worker.hasSaidHello) worker.send({ type: "drain" });
  }

  #killComplainedOf(): void {
    const { herd, logger, clock } = this.#parts;
    this.#excuseIfHeldUp();
    for (const worker of herd.workers) {
      const { startTimeoutMs, heartbeatTimeoutMs, drain } = worker.settings;
      const drainDeadlineMs = drain.deadlineMs;
      const limits = { startTimeoutMs, heartbeatTimeoutMs, drainDeadlineMs };
      const complaint = complaintAbout(worker, limits, clock.now());
      if (!complaint || worker.killReason) continue;
      logger.error({ ...identityOf(worker), complaint }, "killing worker");
      worker.kill("SIGKILL", complaint);
    }
  }

  /**
   * While the master was stopped, or its machine was, no worker could be heard:
   * none of them is stuck for that.
   */
  #excuseIfHeldUp(): void {
    const { herd, logger, clock } = this.#parts;
    const now = clock.now();
    const heldUpMs = now - this.#lookedAt - TICK_MS;
    this.#lookedAt = now;
    if (heldUpMs < HELD_UP_MS || herd.workers.length === 0) return;
    logger.warn({ heldUpMs: Math.round(heldUpMs) }, "the master was held up");
    for (const worker of herd.workers) worker.lastHeartbeatAt = now;
  }

  // --- small parts

  #goal(): HerdGoal {
    const { target, generation } = this;
    const { notBefore } = this.#parts.herd;
    const spared = this.#isPaused ? 0 : this.#generations.spared;
    return { target, spared, generation, notBefore };
  }

  #later(ms: number, command: Command): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.enqueue(command);
    }, ms);
    this.#timers.add(timer);
  }
}
