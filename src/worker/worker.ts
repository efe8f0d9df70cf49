/**
 * A worker process: loads the app, serves connections, reports to the master,
 * and drains on request.
 *
 *   starting ─► ready ─► draining ─► stopping ─► gone
 */

import { UNIX } from "../shared/addresses/address-list.ts";
import { deliverBroadcast } from "../shared/app-messages.ts";
import { type Clock, monotonicClock } from "../shared/clock.ts";
import {
  type ListenerSettings,
  listenersOf,
} from "../shared/config/listeners-of.ts";
import type { Settings } from "../shared/config/settings.ts";
import { descriptorLimit } from "../shared/descriptor-limit.ts";
import { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import {
  MAX_BEGUN_BYTES,
  type MasterMessage,
  type RawHandle,
  type WorkerMessage,
} from "../shared/ipc-messages.ts";
import { DropLog } from "../shared/logging/drop-log.ts";
import type { WorkerReport } from "../shared/metrics/worker-report.ts";
import { outlivePrimary } from "../shared/node-internals/outlive-primary.ts";
import {
  MASTER_GONE,
  NOT_STARTED,
  type Readiness,
} from "../shared/readiness.ts";
import { transition } from "../shared/state-machine.ts";
import {
  isInstance,
  loggable,
  messageOf,
  stackOf,
} from "../shared/thrown-value.ts";
import { flushTelemetry } from "../shared/tracing/flush-telemetry.ts";
import { App } from "./app/app.ts";
import { MetricsReporter } from "./app-metrics/metrics-reporter.ts";
import { bootApp } from "./boot-app.ts";
import { Drain } from "./drain.ts";
import { enterFolder } from "./enter-folder.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HostedProgram } from "./hosting/hosted-program.ts";
import { ProgramProcess } from "./hosting/program-process.ts";
import { AppModuleError, broken } from "./load-app.ts";
import { MasterChannel } from "./master-channel.ts";
import { Meter } from "./meter.ts";
import { InstanceCounter } from "./middleware/rate-limit/instance-counter.ts";
import { setRateLimitHost } from "./middleware/rate-limit/rate-limit-host.ts";
import type { ConnectionDrop } from "./net/listener.ts";
import { StickySessions } from "./sticky/sticky-sessions.ts";
import {
  connectionOf,
  handOverOf,
  type StrayConnection,
} from "./sticky/stray-connection.ts";
import { stopApp } from "./stop-app.ts";
import { startWatchdog } from "./watchdog.ts";
import { WorkerListeners } from "./worker-listeners.ts";
import { WorkerLog } from "./worker-log.ts";
import { WORKER_TRANSITIONS, type WorkerPhase } from "./worker-phase.ts";

/** Changes of the connection count within this time share one message. */
const COUNT_DELAY_MS = 20;

/** Minimum time for the app to stop, even after the deadline. */
const MIN_STOP_MS = 1_000;

/**
 * Longest time for an app's own handlers of a signal. Some packages have
 * handlers that do nothing, and an app has stop hooks for what must be done.
 */
const APP_SIGNAL_MS = 5_000;

/** Time for the export of the last spans, even after the deadline. */
const MIN_TELEMETRY_MS = 500;
const MAX_TELEMETRY_MS = 5_000;

/** Longest time for the last message to leave the process. */
const LAST_MESSAGE_MS = 1_000;

/** Longest time that an exiting worker tries to write its last log lines. */
const LAST_LINES_MS = 5_000;

/** Added to the drain deadline before the watchdog kills the process. */
const WATCHDOG_GRACE_MS = 2_000;

/** Signals of a terminal go to all processes; the master handles them. */
const IGNORED_SIGNALS = ["SIGQUIT", "SIGWINCH"] as const;

export interface WorkerOptions {
  /** Creates the app that an app module's default function receives. */
  readonly createApp: () => App;
  readonly clock?: Clock;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #clock: Clock;
  readonly #channel = new MasterChannel((message, handle) => {
    const connection = connectionOf(handle, message);
    this.#listeners?.resume(message.listener, connection);
  });
  readonly #meter = new Meter();
  readonly #reserve = new DescriptorReserve(descriptorLimit());
  readonly #dropLog: DropLog<ConnectionDrop>;
  readonly #heartbeat: Heartbeat;
  /** Counts for rate limits in the master. */
  readonly #instanceCounter = new InstanceCounter((id, entries) => {
    return this.#send({ type: "count", id, entries });
  });
  /** Readiness of the server, as last reported by the master. */
  readonly #readiness: Readiness = { ...NOT_STARTED };
  #mayAccept = false;
  #phase: WorkerPhase = "starting";
  readonly #log = new WorkerLog();
  #settings: Settings | undefined;
  /** Whether to report the number of connections to the master. */
  #isCounted = false;
  #app: App | undefined;
  /** Whether there is an app, not only a program. */
  #hasApp = false;
  #program: HostedProgram | undefined;
  readonly #programProcess = new ProgramProcess((signal) => {
    if (signal === "SIGTERM") this.#retire("TERM");
  });
  #termination: Promise<void> | undefined;
  #appMetrics: MetricsReporter | undefined;
  #listeners: WorkerListeners | undefined;
  #ticketKeys: Buffer = Buffer.alloc(0);
  /** Listening handles, by listener number. */
  readonly #handles = new Map<number, RawHandle>();
  #draining: Drain | undefined;
  readonly #sessions = new StickySessions((session) => {
    return this.#channel.sent({ type: "ownSession", session });
  });
  #countTimer: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
    this.#dropLog = new DropLog(this.#clock, () => this.#log.logger);
    this.#heartbeat = new Heartbeat({
      clock: this.#clock,
      onBeat: () => {
        this.#send({ type: "heartbeat", report: this.#report() });
        this.#appMetrics?.push();
      },
      onDelay: (ms) => {
        this.#meter.observe("eventLoopDelay", ms / 1000);
        this.#listeners?.onEventLoopDelay(ms);
      },
    });
  }

  /** Installs signal handlers and waits for messages of the master. */
  start(): void {
    outlivePrimary();
    this.#programProcess.install();
    for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
    process.on("SIGUSR1", () => this.#log.reopen());
    process.on("uncaughtException", (error) => this.#onCrash(error));
    this.#channel.onMessage((message, handle) => {
      this.#onMessage(message, handle);
    });
    process.on("disconnect", () => this.#onMasterGone());
    this.#send({ type: "hello" });
  }

  // --- messages of the master

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
      case "bound":
      case "bindFailed":
        this.#program?.onAnswer(message);
        break;
      case "broadcast":
        deliverBroadcast(message.json);
        break;
      case "logLevel":
        this.#log.setLevel(message.level);
        break;
      case "reopenLogs":
        this.#log.reopen();
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
    this.#log.open(settings, slot, message.hasRing);
    this.#log.setLevel(message.logLevel);
    this.#hostRateLimits(settings);
    if (settings.watchdog) this.#startWatchdog(settings);
    const listeners = this.#createListeners(settings);
    this.#listeners = listeners;
    this.#appMetrics = new MetricsReporter({
      ...{ settings: settings.metrics, slot, logger: this.#log.logger },
      send: (push) => this.#channel.sent({ type: "appMetrics", push }),
      onRefused: (reason, count) => {
        this.#meter.count("appMetricsRefused", reason, count);
      },
    });
    const program = new HostedProgram({
      ...{ settings, slot, listeners },
      logger: this.#log.logger,
      send: (request) => this.#send(request),
    });
    this.#program = program;
    program.install();
    const { createApp } = this.#options;
    const { isOnDemand } = message;
    const loaded = await bootApp({
      ...{ settings, createApp, program, listeners, isOnDemand },
      onLoaded: (app) => {
        this.#app = app;
      },
    });
    this.#hasApp = loaded !== undefined;
    const app = loaded ?? new App();
    this.#app = app;
    if (settings.waitReady) await this.#channel.whenAppIsReady;
    // The worker drains already: it would cut new connections.
    if (this.#phase !== "starting") return;
    app.checks.start(this.#clock);
    this.#mayAccept ||= message.mayAccept;
    if (this.#mayAccept) listeners.listen(this.#handles);
    this.#move("ready");
    const routes = app.routes();
    this.#send({ type: "ready", routes, hasApp: this.#hasApp });
    this.#heartbeat.start();
  }

  /** Runs before the app is loaded, because loading may hang. */
  #startWatchdog({ drain, heartbeatTimeoutMs }: Settings): void {
    const leaveWithinMs = drain.deadlineMs + WATCHDOG_GRACE_MS;
    startWatchdog({ leaveWithinMs, heartbeatTimeoutMs }, this.#log.logger);
  }

  #hostRateLimits(settings: Settings): void {
    setRateLimitHost({
      instanceCounter: this.#instanceCounter,
      redisUrl: settings.rateLimit.redisUrl,
      hasAddresses: listenersOf(settings).every(hasAddresses),
      onLimited: (policy) => this.#meter.count("rateLimited", policy),
      onUncounted: (store) => this.#meter.count("rateLimitStoreErrors", store),
    });
  }

  #createListeners(settings: Settings): WorkerListeners {
    return new WorkerListeners({
      settings,
      meter: this.#meter,
      clock: this.#clock,
      reserve: this.#reserve,
      readiness: this.#readiness,
      ticketKeys: this.#ticketKeys,
      onHandshakeFailed: (reason, error) => {
        this.#meter.count("tlsHandshakeErrors", reason);
        const fields = { reason, error: error.message.trim() };
        this.#log.logger.debug(fields, "a TLS handshake failed");
      },
      onProxyHeaderFailed: (reason, { message }) => {
        this.#meter.count("proxyHeaderErrors", reason);
        this.#log.logger.debug(
          { reason, error: message },
          "a PROXY header failed",
        );
      },
      onDropped: (reason) => this.#onDropped(reason),
      onCountChanged: () => this.#onCountChanged(),
      sticky: {
        sessions: this.#sessions,
        onStray: (listener, connection) => this.#onStray(listener, connection),
      },
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
    if (this.#phase === "ready") this.#listeners?.listen(this.#handles);
  }

  /** From here on no other worker may serve the connection. */
  #adopt(
    message: Extract<MasterMessage, { type: "connection" }>,
    handle: RawHandle | undefined,
  ): void {
    const { id, listener, isLate, begun } = message;
    // The connection would be cut; the master gives it to another worker.
    if (this.#phase === "stopping" || this.#phase === "gone") return;
    if (isLate) this.#send({ type: "accepted", id });
    // Without a handle the client has closed the connection.
    if (!handle) return;
    if (!begun) this.#listeners?.adopt(listener, handle);
    else this.#listeners?.resume(listener, connectionOf(handle, begun));
  }

  /** The master knows which worker the connection belongs to. */
  #onStray(listener: number, connection: StrayConnection): void {
    if (connection.bytes.length > MAX_BEGUN_BYTES) {
      this.#listeners?.resume(listener, connection);
      return;
    }
    const message = handOverOf(listener, connection);
    this.#channel.handOver(message, connection.handle);
  }

  #onCountChanged(): void {
    this.#program?.onCountChanged();
    if (this.#phase === "draining") {
      this.#draining?.onCountChanged();
      return;
    }
    if (!this.#isCounted) return;
    this.#countTimer ??= setTimeout(() => {
      this.#countTimer = undefined;
      const openConnections = this.#listeners?.count ?? 0;
      this.#send({ type: "connections", openConnections });
    }, COUNT_DELAY_MS);
  }

  // --- reports

  #report(): WorkerReport {
    return {
      gauges: {
        openConnections: this.#listeners?.count ?? 0,
        idleConnections: this.#listeners?.idleCount ?? 0,
        activeRequests: this.#meter.activeRequests,
        eventLoopUtilization: this.#heartbeat.takeUtilization(),
      },
      totals: this.#meter.snapshot(),
      checks: this.#app?.checks.reports(this.#clock.now()) ?? [],
    };
  }

  // --- drain and exit

  #retire(why: string): void {
    if (process.connected) this.#send({ type: "retire", why });
    else this.#drain();
  }

  #onMasterGone(): void {
    if (this.#phase === "gone") return;
    Object.assign(this.#readiness, MASTER_GONE);
    if (this.#phase === "ready") {
      this.#log.logger.warn("the master is gone; finishing what is open");
    }
    this.#drain();
  }

  #drain(): void {
    if (this.#phase !== "starting" && this.#phase !== "ready") return;
    this.#move("draining");
    const { drain: settings } = this.#settings ?? {};
    if (!this.#listeners || !settings) {
      this.#leave();
      return;
    }
    this.#programProcess.onDrain();
    this.#draining = new Drain({
      ...{ settings, clock: this.#clock, listeners: this.#listeners },
      hasSessions: this.#sessions.hasServed,
      terminate: () => this.#terminateProgram(settings),
      onDeadline: (forcedCloses) => this.#onDrainDeadline(forcedCloses),
      onEnd: () => this.#leave(),
    });
    this.#draining.begin();
  }

  #onDrainDeadline(forcedCloses: number): void {
    this.#meter.add("forcedCloses", forcedCloses);
    if (forcedCloses > 0) {
      const text = "the drain deadline passed; requests in flight were cut";
      this.#log.logger.warn({ forcedCloses }, text);
    }
    this.#leave();
  }

  #fail(error: unknown): void {
    if (this.#phase !== "starting") return;
    this.#move("gone");
    const isOurs = isInstance(error, AppModuleError);
    const stack = stackOf(isOurs ? error.cause : undefined) ?? stackOf(error);
    const message = messageOf(error);
    this.#exit({ type: "failed", message, stack }, 1);
  }

  /** Node 20 reports a CommonJS syntax error here and by `import()`. */
  async #failIn(app: string | undefined, error: Error): Promise<void> {
    if (app === undefined) this.#fail(error);
    else this.#fail(await broken(app, "failed", error));
  }

  #onCrash(error: Error): void {
    if (this.#phase === "starting") {
      this.#failIn(this.#settings?.app, error);
      return;
    }
    this.#log.logger.fatal({ err: loggable(error) }, "uncaught exception");
    this.#programProcess.exit(1);
  }

  #leave(): void {
    if (this.#phase === "stopping" || this.#phase === "gone") return;
    this.#move("stopping");
    this.#stopApp()
      .finally(() => this.#flushTelemetry())
      .finally(() => this.#writeLastLines())
      .finally(() => this.#sendLastReport());
  }

  async #stopApp(): Promise<void> {
    const { drain } = this.#settings ?? {};
    if (!this.#app || !drain) return;
    const timeoutMs = Math.max(this.#leftMs, MIN_STOP_MS);
    await stopApp({
      ...{ app: this.#app, logger: this.#log.logger, timeoutMs },
      terminate: () => this.#terminateProgram(drain),
      terminateTimeoutMs: this.#hasApp ? APP_SIGNAL_MS : timeoutMs,
    });
  }

  /** Once its requests are answered, or when there is little time left. */
  #terminateProgram({ signal }: Settings["drain"]): Promise<void> {
    this.#heartbeat.unref();
    this.#draining?.onTerminated();
    this.#termination ??= this.#programProcess.terminate(signal);
    return this.#termination;
  }

  /** After the app's own end: its last requests have spans, too. */
  async #flushTelemetry(): Promise<void> {
    const leftMs = Math.max(this.#leftMs, MIN_TELEMETRY_MS);
    const timeoutMs = Math.min(leftMs, MAX_TELEMETRY_MS);
    await Promise.all([
      flushTelemetry({ logger: this.#log.logger, timeoutMs }),
      this.#appMetrics?.flush(timeoutMs),
    ]);
  }

  async #writeLastLines(): Promise<void> {
    await this.#log.close(Math.min(this.#leftMs, LAST_LINES_MS));
  }

  /** Time until the drain deadline. */
  get #leftMs(): number {
    return this.#draining?.leftMs ?? 0;
  }

  #sendLastReport(): void {
    if (this.#phase === "gone") return;
    this.#move("gone");
    this.#exit({ type: "leaving", report: this.#report() }, 0);
  }

  /** Sends the last message, and exits when it is sent. */
  #exit(message: WorkerMessage, code: number): void {
    this.#heartbeat.stop();
    this.#draining?.stop();
    clearTimeout(this.#countTimer);
    const leave = () => this.#programProcess.exit(code);
    if (!process.connected) leave();
    this.#channel.send(message, leave);
    // A stuck master must not keep the process alive.
    setTimeout(leave, LAST_MESSAGE_MS);
  }

  // --- small parts

  #move(to: WorkerPhase): void {
    this.#phase = transition(WORKER_TRANSITIONS, this.#phase, to);
  }

  /** Returns false if the master is gone. */
  #send(message: WorkerMessage): boolean {
    if (!process.connected) return false;
    // If the master dies during the send, "disconnect" follows.
    this.#channel.send(message);
    return true;
  }
}

/** Whether the listener knows client addresses, possibly from a proxy. */
function hasAddresses({ address, forwarding }: ListenerSettings): boolean {
  const { proxyProtocol, trustProxy } = forwarding;
  if ("host" in address || proxyProtocol === "required") return true;
  return trustProxy.includes(UNIX);
}
