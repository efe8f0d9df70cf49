/** Runs a master: opens its parts, in order, and closes them again. */
import { listenersOf } from "../shared/config/listeners-of.ts";
import { grantRuntimeFolder } from "./admin/control-socket.ts";
import { Effects } from "./effects.ts";
import { become } from "./host/privileges.ts";
import { watchForZombies } from "./host/process-facts.ts";
import { listenToSignals } from "./host/signals.ts";
import {
  buildMaster,
  type MasterOptions,
  type MasterParts,
} from "./master-parts.ts";
import { prepareExposition } from "./metrics/exposition.ts";
import { readUsage } from "./metrics/process-usage.ts";
import { activatedSockets } from "./sockets/received-sockets.ts";
import { StartError } from "./start-error.ts";
import { TICK_MS } from "./supervisor/supervisor.ts";

const USAGE_INTERVAL_MS = 2_000;
/** Delay after the start, so that the import does not slow it down. */
const PREPARE_AFTER_MS = 1_000;

export class Master {
  readonly #options: MasterOptions;
  readonly #parts: MasterParts;
  readonly #effects: Effects;
  readonly #stopped: Promise<number>;

  constructor(options: MasterOptions) {
    this.#options = options;
    this.#parts = buildMaster(options);
    let onStopped: (exitCode: number) => void = () => {};
    this.#stopped = new Promise((resolve) => {
      onStopped = resolve;
    });
    this.#effects = new Effects({ ...this.#parts, onStopped });
  }

  /**
   * Runs until the server has stopped.
   *
   * @returns the exit code
   * @throws StartError if the start failed
   */
  async run(): Promise<number> {
    const { loop, logger, server, serviceManager } = this.#parts;
    const { startTimeoutMs } = this.#options.loaded.settings;
    const stopListening = listenToSignals((command) => loop.enqueue(command));
    const stopTimers = this.#startTimers();
    const stopZombieWatch = watchForZombies(logger);
    let stopCatching = () => {};
    try {
      serviceManager.onStarting(startTimeoutMs);
      await this.#open();
      stopCatching = this.#catchErrors();
      this.#supervise();
      const exitCode = await this.#stopped;
      if (server.startError) throw new StartError(server.startError);
      return exitCode;
    } finally {
      stopTimers();
      stopZombieWatch();
      stopListening();
      await this.#close();
      stopCatching();
    }
  }

  #supervise(): void {
    const { loop, supervisor } = this.#parts;
    loop.start({
      handle: (command) => supervisor.handle(command),
      reconcile: () => supervisor.reconcile(),
      performEffects: () => this.#effects.perform(supervisor.takeEffects()),
      settle: () => supervisor.settle(),
    });
    loop.enqueueEvery(TICK_MS, { type: "tick" });
    // The first tick forks the first workers.
    loop.enqueue({ type: "tick" });
  }

  /** Starts timers that only measure or preload. */
  #startTimers(): () => void {
    const { loop, pool } = this.#parts;
    const usage = setInterval(() => {
      readUsage(pool.workers, (worker, figures) => {
        loop.enqueue({ type: "workerUsage", worker, usage: figures });
      });
    }, USAGE_INTERVAL_MS);
    const preparation = setTimeout(() => {
      // Each scrape reports the error.
      prepareExposition().catch(() => {});
    }, PREPARE_AFTER_MS);
    return () => {
      clearInterval(usage);
      clearTimeout(preparation);
    };
  }

  /**
   * An uncaught error leaves the master in an unknown state: the workers drain,
   * and the master exits with code 1.
   */
  #catchErrors(): () => void {
    const { loop } = this.#parts;
    const onError = (error: unknown) => loop.enqueue({ type: "fatal", error });
    // An unhandled rejection is reported as an uncaught exception.
    process.on("uncaughtException", onError);
    return () => process.off("uncaughtException", onError);
  }

  // --- start

  async #open(): Promise<void> {
    const { listeners, ports, announcement } = this.#parts;
    const { outgoing, environment, pages } = this.#parts;
    const settings = listenersOf(this.#options.loaded.settings);
    if (outgoing) {
      await listeners.open(outgoing.sockets);
      this.#become();
      return; // the ports and files follow when the outgoing master hands over
    }
    const sockets = await activatedSockets(environment, settings, ports.wanted);
    await listeners.open(sockets);
    await ports.open(sockets, pages.servedOver("admin port"));
    announcement.writePidFile();
    this.#become();
    await announcement.openControlSocket();
    // Clients wait until a worker is ready.
    listeners.accept();
  }

  /** Drops root's rights after the sockets are bound. */
  #become(): void {
    const { identity, files, logger, outgoing } = this.#parts;
    const { settings } = this.#options.loaded;
    if (!identity) return;
    const { uid, gid } = identity;
    grantRuntimeFolder(settings, uid, files);
    // The outgoing master created the pid file; this one replaces it on
    // takeover.
    if (outgoing && settings.pidFile) files.giveIfThere(settings.pidFile);
    become(identity);
    logger.info({ uid, gid }, "became another user");
  }

  // --- end

  async #close(): Promise<void> {
    const { loop, ticketKeys, listeners, ports, announcement } = this.#parts;
    const { takeOver, spans, logger } = this.#parts;
    const { incoming, totals, pool, server, serviceManager } = this.#parts;
    loop.stopTimers();
    ticketKeys.stop();
    await takeOver.whenIdle();
    const { nextOwner, upgrades } = server;
    listeners.close(this.#effects.namesKeptBy(nextOwner));
    const { hasReleased } = upgrades;
    await incoming.close(
      hasReleased ? totals.handover(pool.workers) : undefined,
    );
    await Promise.all([ports.close(), announcement.closeControlSocket()]);
    announcement.removePidFile();
    await spans.close(logger);
    await serviceManager.close();
  }
}
