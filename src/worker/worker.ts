/**
 * A worker process: loads the app, serves the connections it is given, tells
 * the master how it is, and leaves when it is told to.
 *
 *   starting ─► ready ─► draining ─► stopping ─► gone
 */

import { setTimeout as delay } from "node:timers/promises";
import { UNIX } from "../shared/addresses/address-list.ts";
import { type Clock, monotonicClock } from "../shared/clock.ts";
import {
  type ListenerSettings,
  listenersOf,
} from "../shared/config/listeners-of.ts";
import type { Settings } from "../shared/config/settings.ts";
import { descriptorLimit } from "../shared/descriptor-limit.ts";
import { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../shared/ipc-messages.ts";
import { writeOrLose } from "../shared/logging/bounded-output.ts";
import { DropLog } from "../shared/logging/drop-log.ts";
import { LogFile } from "../shared/logging/log-file.ts";
import { logWarnings } from "../shared/logging/log-warnings.ts";
import {
  createLogger,
  type Logger,
  setProcessLogger,
} from "../shared/logging/logger.ts";
import {
  isOnTerminal,
  standardOutputLines,
} from "../shared/logging/standard-stream.ts";
import type { WorkerReport } from "../shared/metrics/worker-report.ts";
import { outlivePrimary } from "../shared/node-internals/outlive-primary.ts";
import {
  MASTER_GONE,
  NOT_STARTED,
  type Readiness,
} from "../shared/readiness.ts";
import {
  isInstance,
  loggable,
  messageOf,
  stackOf,
} from "../shared/thrown-value.ts";
import type { App } from "./app/app.ts";
import { AppOutput } from "./app-output.ts";
import { enterFolder } from "./enter-folder.ts";
import { Pulse } from "./heartbeat.ts";
import { AppModuleError, broken, loadApp } from "./load-app.ts";
import { MasterChannel } from "./master-channel.ts";
import { Meter } from "./meter.ts";
import { InstanceCounter } from "./middleware/rate-limit/instance-counter.ts";
import {
  setRateLimitHost,
  startRateLimits,
} from "./middleware/rate-limit/rate-limit-host.ts";
import type { ConnectionDrop } from "./net/listener.ts";
import { startWatchdog } from "./watchdog.ts";
import { Listeners } from "./worker-listeners.ts";
import { canMove, type WorkerPhase } from "./worker-phase.ts";

/** Closed connections are told of together, so many ms after the first. */
const COUNT_DELAY_MS = 20;

/** How long the app may take to stop, though the deadline has passed. */
const MIN_STOP_MS = 1_000;

/** How long the last message may take to get away. */
const LAST_WORD_MS = 1_000;

/** How long a worker that leaves tries to write the last lines of its log. */
const LAST_LINES_MS = 5_000;

/** A worker that leaves by itself is done so long after its deadline. */
const WATCHDOG_GRACE_MS = 2_000;

/** The master decides; a worker must not leave because a terminal says so. */
const IGNORED_SIGNALS = ["SIGINT", "SIGQUIT", "SIGWINCH"] as const;

export interface WorkerOptions {
  /** Makes the app that an app module's default function is given. */
  readonly createApp: () => App;
  readonly clock?: Clock;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #clock: Clock;
  readonly #channel = new MasterChannel();
  readonly #meter = new Meter();
  readonly #reserve = new DescriptorReserve(descriptorLimit());
  readonly #dropLog: DropLog<ConnectionDrop>;
  readonly #pulse: Pulse;
  /** Counts for rate limits, in the master. */
  readonly #instanceCounter = new InstanceCounter((id, entries) => {
    return this.#tell({ type: "count", id, entries });
  });
  /** The server's, by what the master said last. */
  readonly #readiness: Readiness = { ...NOT_STARTED };
  #mayAccept = false;
  #state: WorkerPhase = "starting";
  #logFile: LogFile | undefined;
  #logger: Logger = createLogger({ role: "worker" });
  #appOutput: AppOutput | undefined;
  #settings: Settings | undefined;
  /** Whether the master must know how many connections there are. */
  #isCounted = false;
  #app: App | undefined;
  #listeners: Listeners | undefined;
  #ticketKeys: Buffer = Buffer.alloc(0);
  /** To accept on, by the places of their listeners. */
  readonly #handles = new Map<number, RawHandle>();
  #deadlineAt = 0;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #countTimer: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
    this.#dropLog = new DropLog(this.#clock, () => this.#logger);
    this.#pulse = new Pulse({
      clock: this.#clock,
      onBeat: () => this.#tell({ type: "heartbeat", report: this.#report() }),
      onDelay: (ms) => {
        this.#meter.observe("eventLoopDelay", ms / 1000);
        this.#listeners?.onEventLoopDelay(ms);
      },
    });
  }

  /** Takes the process over: from here on the master's messages rule it. */
  start(): void {
    outlivePrimary();
    for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
    process.on("SIGTERM", () => this.#retire("TERM"));
    process.on("SIGUSR1", () => this.#logFile?.reopen());
    process.on("uncaughtException", (error) => this.#onCrash(error));
    this.#channel.onMessage((message, handle) => {
      this.#onMessage(message, handle);
    });
    process.on("disconnect", () => this.#onMasterGone());
    this.#tell({ type: "hello" });
  }

  // --- the master's messages

  #onMessage(message: MasterMessage, handle: RawHandle): void {
    switch (message.type) {
      case "boot":
        this.#boot(message).catch((error) => this.#fail(error));
        break;
      case "listen":
        this.#handles.set(message.listener, handle);
        break;
      case "connection":
        this.#adopt(message, handle);
        break;
      case "readiness":
        Object.assign(this.#readiness, message.readiness);
        break;
      case "accept":
        this.#accept();
        break;
      case "ticketKeys":
        this.#setTicketKeys(message.ticketKeys);
        break;
      case "counted":
        this.#instanceCounter.onCounted(message.id, message.counts);
        break;
      case "reopenLogs":
        this.#logFile?.reopen();
        break;
      case "drain":
        this.#drain();
        break;
      default:
        message satisfies never;
    }
  }

  async #boot(
    message: Extract<MasterMessage, { type: "boot" }>,
  ): Promise<void> {
    const { settings, slot, folder } = message;
    this.#settings = settings;
    Object.assign(this.#readiness, message.readiness);
    if (folder !== undefined) enterFolder(folder);
    this.#isCounted = listenersOf(settings).some(
      ({ scheduling }) => scheduling === "balanced",
    );
    this.#setTicketKeys(message.ticketKeys);
    const { logLevel: level, logFile } = settings;
    const sink = logFile === undefined ? undefined : new LogFile(logFile);
    this.#logFile = sink;
    this.#logger = createLogger({ role: "worker", worker: slot, level, sink });
    setProcessLogger(this.#logger);
    logWarnings();
    if (!isOnTerminal()) {
      this.#appOutput = new AppOutput(sink ?? standardOutputLines(), slot);
    }
    this.#hostRateLimits(settings);
    if (settings.watchdog) this.#startWatchdog(settings);
    const app = await loadApp(settings.app, this.#options.createApp);
    await startRateLimits();
    app.prepare();
    this.#app = app;
    await this.#startApp(app, settings.app);
    // Told to leave meanwhile: what it accepted now would be cut.
    if (this.#state !== "starting") return;
    app.checks.start(this.#clock);
    const listeners = this.#createListeners(app, settings);
    this.#listeners = listeners;
    this.#mayAccept ||= message.mayAccept;
    if (this.#mayAccept) listeners.listen(this.#handles);
    this.#move("ready");
    this.#tell({ type: "ready", routes: app.routes() });
    this.#pulse.start();
  }

  /** @throws AppModuleError where a hook does */
  async #startApp({ lifecycle }: App, path = "none"): Promise<void> {
    try {
      await lifecycle.start();
    } catch (error) {
      throw await broken(path, "failed in onStart()", error);
    }
  }

  /** From before the app is loaded: that may hang as well. */
  #startWatchdog({ drain, heartbeatTimeoutMs }: Settings): void {
    const leaveWithinMs = drain.deadlineMs + WATCHDOG_GRACE_MS;
    startWatchdog({ leaveWithinMs, heartbeatTimeoutMs }, this.#logger);
  }

  #hostRateLimits(settings: Settings): void {
    setRateLimitHost({
      instanceCounter: this.#instanceCounter,
      redisUrl: settings.rateLimit.redisUrl,
      hasAddresses: listenersOf(settings).every(tellsAddresses),
      onLimited: (policy) => this.#meter.count("rateLimited", policy),
      onUncounted: (store) => this.#meter.count("rateLimitStoreErrors", store),
    });
  }

  #createListeners(app: App, settings: Settings): Listeners {
    return new Listeners({
      settings,
      handler: app.handle.bind(app),
      meter: this.#meter,
      clock: this.#clock,
      reserve: this.#reserve,
      readiness: this.#readiness,
      ticketKeys: this.#ticketKeys,
      onHandshakeFailed: (reason, error) => {
        this.#meter.count("tlsHandshakeErrors", reason);
        const fields = { reason, error: error.message.trim() };
        this.#logger.debug(fields, "a TLS handshake failed");
      },
      onProxyHeaderFailed: (reason, { message }) => {
        this.#meter.count("proxyHeaderErrors", reason);
        this.#logger.debug({ reason, error: message }, "a PROXY header failed");
      },
      onDropped: (reason) => this.#onDropped(reason),
      onCountChanged: () => this.#onCountChanged(),
    });
  }

  #onDropped(reason: ConnectionDrop): void {
    this.#dropLog.onDropped(reason, () => ({
      openConnections: this.#listeners?.count,
      ...this.#reserve.logFields,
    }));
  }

  #setTicketKeys(ticketKeys: string): void {
    this.#ticketKeys = Buffer.from(ticketKeys, "base64");
    this.#listeners?.setTicketKeys(this.#ticketKeys);
  }

  #accept(): void {
    this.#mayAccept = true;
    if (this.#state === "ready") this.#listeners?.listen(this.#handles);
  }

  /** Nothing is read before this: from here on nobody else may answer it. */
  #adopt(
    { id, listener, isLate }: Extract<MasterMessage, { type: "connection" }>,
    handle: RawHandle | undefined,
  ): void {
    // It would be cut: the master gives it to another one.
    if (this.#state === "stopping" || this.#state === "gone") return;
    if (isLate) this.#tell({ type: "accepted", id });
    // Without a handle the client had gone before it got here.
    if (handle) this.#listeners?.adopt(listener, handle);
  }

  #onCountChanged(): void {
    if (this.#state === "draining") {
      if (this.#listeners?.count === 0) this.#leave();
      return;
    }
    if (!this.#isCounted) return;
    this.#countTimer ??= setTimeout(() => {
      this.#countTimer = undefined;
      const openConnections = this.#listeners?.count ?? 0;
      this.#tell({ type: "connections", openConnections });
    }, COUNT_DELAY_MS);
  }

  // --- how it is

  #report(): WorkerReport {
    return {
      gauges: {
        openConnections: this.#listeners?.count ?? 0,
        idleConnections: this.#listeners?.idleCount ?? 0,
        activeRequests: this.#meter.activeRequests,
        eventLoopUtilization: this.#pulse.takeUtilization(),
      },
      totals: this.#meter.snapshot(),
      checks: this.#app?.checks.reports(this.#clock.now()) ?? [],
    };
  }

  // --- the end of it

  #retire(why: string): void {
    if (process.connected) this.#tell({ type: "retire", why });
    else this.#drain();
  }

  #onMasterGone(): void {
    if (this.#state === "gone") return;
    Object.assign(this.#readiness, MASTER_GONE);
    if (this.#state === "ready") {
      this.#logger.warn("the master is gone; finishing what is open");
    }
    this.#drain();
  }

  #drain(): void {
    if (!canMove(this.#state, "draining")) return;
    this.#move("draining");
    const { drain } = this.#settings ?? {};
    if (!this.#listeners || !drain) {
      this.#leave();
      return;
    }
    const { deadlineMs } = drain;
    this.#deadlineAt = this.#clock.now() + deadlineMs;
    this.#deadlineTimer = setTimeout(() => {
      this.#onDrainDeadline();
    }, deadlineMs);
    this.#listeners.shutdown();
    if (this.#listeners.count === 0) this.#leave();
  }

  #onDrainDeadline(): void {
    const forcedCloses = this.#listeners?.abortAll() ?? 0;
    this.#meter.add("forcedCloses", forcedCloses);
    if (forcedCloses > 0) {
      const text = "the drain deadline passed; requests in flight were cut";
      this.#logger.warn({ forcedCloses }, text);
    }
    this.#leave();
  }

  #fail(error: unknown): void {
    if (this.#state !== "starting") return;
    this.#move("gone");
    const isOurs = isInstance(error, AppModuleError);
    const stack = stackOf(isOurs ? error.cause : undefined) ?? stackOf(error);
    const message = messageOf(error);
    this.#exit({ type: "failed", message, stack }, 1);
  }

  /** Node 20 has a syntax error of CommonJS twice: here, and by import(). */
  async #failIn(app: string | undefined, error: Error): Promise<void> {
    if (app === undefined) this.#fail(error);
    else this.#fail(await broken(app, "failed", error));
  }

  #onCrash(error: Error): void {
    if (this.#state === "starting") {
      this.#failIn(this.#settings?.app, error);
      return;
    }
    this.#logger.fatal({ err: loggable(error) }, "uncaught exception");
    process.exit(1);
  }

  #leave(): void {
    if (this.#state === "stopping" || this.#state === "gone") return;
    this.#move("stopping");
    this.#stopApp()
      .finally(() => this.#writeLastLines())
      .finally(() => this.#sayGoodbye());
  }

  /** The app's own end; it may take what is left until the deadline. */
  async #stopApp(): Promise<void> {
    if (!this.#app) return;
    this.#app.checks.stop();
    const leftMs = this.#deadlineAt - this.#clock.now();
    const timeoutMs = Math.max(leftMs, MIN_STOP_MS);
    const isLate = delay(timeoutMs, "late", { ref: false });
    const ended = await Promise.race([this.#app.lifecycle.stop(), isLate]);
    if (ended === "late") {
      this.#logger.error({ timeoutMs }, "onStop() took too long");
      return;
    }
    for (const error of ended) {
      this.#logger.error({ err: loggable(error) }, "onStop() failed");
    }
  }

  async #writeLastLines(): Promise<void> {
    this.#appOutput?.stop();
    const leftMs = this.#deadlineAt - this.#clock.now();
    await writeOrLose(Math.min(leftMs, LAST_LINES_MS));
  }

  #sayGoodbye(): void {
    if (this.#state === "gone") return;
    this.#move("gone");
    this.#exit({ type: "leaving", report: this.#report() }, 0);
  }

  /** Says its last word, and leaves once that is on its way. */
  #exit(message: WorkerMessage, code: number): void {
    this.#pulse.stop();
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#countTimer);
    if (!process.connected) process.exit(code);
    const leave = () => process.exit(code);
    this.#channel.send(message, leave);
    // A master that hangs must not keep a worker.
    setTimeout(leave, LAST_WORD_MS);
  }

  // --- small parts

  #move(state: WorkerPhase): void {
    if (!canMove(this.#state, state)) {
      throw new Error(`a worker cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
  }

  /** Whether there is a master to tell. */
  #tell(message: WorkerMessage): boolean {
    if (!process.connected) return false;
    // A master that dies meanwhile shows as "disconnect".
    this.#channel.send(message);
    return true;
  }
}

/** Whether clients have an address there: theirs, or what a proxy says. */
function tellsAddresses({ address, forwarding }: ListenerSettings): boolean {
  const { proxyProtocol, trustProxy } = forwarding;
  if ("host" in address || proxyProtocol === "required") return true;
  return trustProxy.includes(UNIX);
}
