/** Performs the effects of the supervisor on the parts of the master. */
import type { Clock } from "../shared/clock.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import type { Inheritance } from "../shared/inheritance.ts";
import type { RouteInfo } from "../shared/ipc-messages.ts";
import type { LogFile } from "../shared/logging/log-file.ts";
import type { Logger } from "../shared/logging/logger.ts";
import { standardOutputLines } from "../shared/logging/standard-stream.ts";
import type { BalancerStatus } from "./admin/balancer-status.ts";
import { banner } from "./admin/banner.ts";
import type { Control } from "./admin/control.ts";
import type { InspectionCalls } from "./admin/inspection/inspection-calls.ts";
import type { MasterPages } from "./admin/master-pages.ts";
import type { MasterPorts } from "./admin/master-ports.ts";
import type { Announcement } from "./announcement.ts";
import type { ServiceManager } from "./host/service-manager.ts";
import type { LogRings } from "./logs/log-rings.ts";
import type { LogStreams } from "./logs/log-streams.ts";
import type { ServerTotals } from "./metrics/server-totals.ts";
import type { Dispatcher } from "./sockets/dispatcher.ts";
import type { ListenerSet } from "./sockets/listener-set.ts";
import type { ProgramListeners } from "./sockets/program-listeners.ts";
import {
  type InheritedSockets,
  inheritanceOf,
} from "./sockets/received-sockets.ts";
import type { SessionOwners } from "./sockets/session-owners.ts";
import type { TicketKeys } from "./sockets/ticket-keys.ts";
import type { CommandLoop } from "./supervisor/command-loop.ts";
import type { Effect, SocketOwner } from "./supervisor/effect.ts";
import { LAST_STACKS } from "./supervisor/health/reported-kills.ts";
import type { SupervisorView } from "./supervisor/supervisor-view.ts";
import type { WorkerHandle } from "./supervisor/workers/worker-handle.ts";
import type { WorkerPool } from "./supervisor/workers/worker-pool.ts";
import type { TakeOver } from "./take-over.ts";
import type { DaemonSpans } from "./tracing/daemon-spans.ts";
import type { IncomingLink } from "./upgrade/incoming-link.ts";
import type { OutgoingChannel } from "./upgrade/outgoing-channel.ts";

/** Several samples show what a loop does. */
const LAST_SAMPLES = 3;
const LAST_SAMPLES_TIMEOUT_MS = 1_700;

export interface EffectParts {
  readonly loop: CommandLoop;
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly dispatcher: Dispatcher;
  readonly sessions: SessionOwners;
  readonly listeners: ListenerSet;
  readonly programs: ProgramListeners;
  readonly inherited: InheritedSockets;
  readonly ports: MasterPorts;
  readonly pages: MasterPages;
  readonly announcement: Announcement;
  readonly totals: ServerTotals;
  readonly balancer: BalancerStatus;
  readonly control: Control;
  readonly inspectionCalls: InspectionCalls;
  readonly serviceManager: ServiceManager;
  readonly ticketKeys: TicketKeys;
  readonly spans: DaemonSpans;
  /** The master that this one starts in an upgrade. */
  readonly incoming: IncomingLink;
  /** The master that has started this one in an upgrade, if one has. */
  readonly outgoing: OutgoingChannel | undefined;
  readonly takeOver: TakeOver;
  readonly reload: () => Promise<LoadedSettings>;
  readonly logFile: LogFile | undefined;
  readonly logRings: LogRings;
  readonly logStreams: LogStreams;
  readonly logger: Logger;
  readonly isOnTerminal: boolean;
  readonly clock: Clock;
  /** When this master started. */
  readonly startedAt: number;
  readonly onStopped: (exitCode: number) => void;
}

export class Effects {
  readonly #parts: EffectParts;
  #routes: readonly RouteInfo[] = [];

  constructor(parts: EffectParts) {
    this.#parts = parts;
  }

  /** A failed effect is logged and counted; the others follow. */
  perform(effects: readonly Effect[]): void {
    const { loop, balancer, spans } = this.#parts;
    for (const effect of effects) {
      loop.attempt(effect.type, () => this.#perform(effect));
      loop.attempt("span", () => spans.onEffect(effect));
    }
    balancer.update();
  }

  /** Names of the sockets that the process keeps. */
  namesKeptBy(owner: SocketOwner): ReadonlySet<string> {
    const { server, inherited } = this.#parts;
    if (owner === "outgoingMaster") return new Set(inherited.names);
    return owner === "incomingMaster" ? server.upgrades.handedOver : new Set();
  }

  #perform(effect: Effect): void {
    const { loop, pool, dispatcher, sessions, listeners, ports } = this.#parts;
    const { incoming, outgoing, totals, announcement, programs } = this.#parts;
    const { control, serviceManager, takeOver, inspectionCalls } = this.#parts;
    switch (effect.type) {
      case "bootWorker":
        this.#bootWorker(effect);
        break;
      case "workerReady":
        this.#onWorkerReady(effect);
        break;
      case "bindListener":
        programs.bind(effect.worker, effect.request);
        break;
      case "unbindListener":
        programs.unbind(effect.worker, effect.listener);
        break;
      case "withdrawWorker":
        dispatcher.leave(effect.worker);
        break;
      case "restoreWorker":
        dispatcher.rejoin(effect.worker);
        break;
      case "askWatchdog":
        effect.worker.askWatchdog(effect.question);
        break;
      case "reportInspection":
        inspectionCalls.onReport(effect);
        break;
      case "drainWorker":
        // In this order, so that connections in transit are still served.
        dispatcher.leave(effect.worker);
        if (effect.worker.isGreeted) effect.worker.send({ type: "drain" });
        break;
      case "askForStacks":
        this.#askForStacks(effect.worker, effect.timeoutMs);
        break;
      case "workerGone":
        dispatcher.onGone(effect.worker);
        sessions.onGone(effect.worker);
        programs.onGone(effect.worker);
        totals.onGone(effect.worker);
        this.#parts.logRings.onGone(effect.worker);
        break;
      case "tellWorkers":
        for (const worker of pool.workers) worker.send(effect.message);
        break;

      case "readSettings":
        this.#readSettings(effect.request);
        break;
      case "reloading":
        serviceManager.onReloading();
        break;
      case "reloadEnded":
        serviceManager.onReloadEnded(effect.outcome);
        break;
      case "rolloutOver":
        this.#closeUnusedListeners();
        break;
      case "reopenLogs":
        this.#reopenLogs();
        break;

      case "started":
        this.#onStarted(effect.workers);
        break;
      case "stopping":
        serviceManager.onStopping(effect.maxMs);
        break;
      case "closeListeners":
        this.#closeListeners(effect.nextOwner);
        break;
      case "stopped":
        loop.stopTimers();
        control.onStopped();
        this.#parts.logStreams.end();
        this.#parts.onStopped(effect.exitCode);
        break;
      case "later":
        loop.enqueueLater(effect.afterMs, effect.command);
        break;

      case "spawnIncoming":
        incoming.spawn(this.#openSockets());
        break;
      case "welcomeIncoming": {
        const ticketKeys = this.#parts.ticketKeys.current;
        const { welcome } = effect;
        const { upgrade: span } = this.#parts.spans;
        const traced = span ? { span } : {};
        incoming.send({ type: "welcome", ...welcome, ticketKeys, ...traced });
        break;
      }
      case "sendTotals":
        incoming.send({
          type: effect.as,
          totals: totals.handover(pool.workers),
        });
        break;
      case "abortIncoming":
        incoming.send({ type: "abort" });
        break;
      case "killIncoming":
        incoming.kill();
        break;
      case "killProcesses":
        killAll(effect.pids);
        break;
      case "holdAdmin":
        ports.hold();
        break;
      case "answerAdmin":
        ports.resume();
        break;
      case "closeControlSocket":
        this.#parts.logStreams.end();
        announcement.closeControlSocket();
        break;

      case "acceptClients":
        takeOver.acceptClients();
        break;
      case "reportReady": {
        const sockets = [...this.#parts.inherited.names];
        outgoing?.send({ type: "ready", sockets });
        break;
      }
      case "tellOutgoing":
        outgoing?.send(effect.message);
        break;
      case "openPorts":
        takeOver.openPorts();
        break;
      case "announce":
        this.#parts.inherited.closeUnused();
        this.#closeUnusedListeners();
        takeOver.announce();
        break;
      case "recordInherited":
        totals.inherit(effect.totals);
        break;
      case "adoptConnection":
        listeners.adopt(effect.handle, effect.listener);
        break;
      default:
        effect satisfies never;
    }
  }

  // --- workers

  #bootWorker({
    worker,
    folder,
    mayAccept,
  }: Extract<Effect, { type: "bootWorker" }>): void {
    const { listeners, ticketKeys, balancer, server } = this.#parts;
    const { logRings } = this.#parts;
    const { slot, generation, settings } = worker;
    // Before "boot": a booted worker has the sockets that it accepts on.
    listeners.sendSharedTo(worker);
    worker.send({
      type: "boot",
      ...{ slot, generation, settings, folder, mayAccept },
      isOnDemand: listeners.givenNumbers.length === 0,
      ticketKeys: ticketKeys.current,
      readiness: balancer.readiness,
      logLevel: server.changedLogLevel,
      hasRing: logRings.onBoot(worker),
    });
  }

  #onWorkerReady({
    worker,
    routes,
    hasApp,
  }: Extract<Effect, { type: "workerReady" }>): void {
    const { control, listeners, dispatcher, programs } = this.#parts;
    this.#routes = routes;
    if (hasApp) programs.onAppReady(worker);
    control.onReady(worker);
    listeners.onWorkerAccepts();
    const served = programs.servedBy(worker);
    dispatcher.join(worker, worker.settings.slowStartMs, served);
  }

  #closeUnusedListeners(): void {
    const { programs, pool } = this.#parts;
    programs.closeUnused(
      pool.workers.filter(({ state }) => state !== "draining"),
    );
  }

  #askForStacks(worker: WorkerHandle, timeoutMs: number): void {
    const { loop } = this.#parts;
    loop.enqueueLater(timeoutMs, { type: "stacks", worker, answer: undefined });
    worker.askWatchdog({
      ...{ type: "stacks", id: LAST_STACKS, isFinal: true },
      ...{ samples: LAST_SAMPLES, timeoutMs: LAST_SAMPLES_TIMEOUT_MS },
    });
  }

  // --- the server

  #readSettings(request: number): void {
    const { loop, reload } = this.#parts;
    reload().then(
      (loaded) => loop.enqueue({ type: "settingsLoaded", request, loaded }),
      (error) => loop.enqueue({ type: "settingsRefused", request, error }),
    );
  }

  /** Workers reopen theirs only after the master has: one error is enough. */
  #reopenLogs(): void {
    const { logFile, pool, logger } = this.#parts;
    if (!logFile?.reopen()) return;
    for (const worker of pool.workers) worker.send({ type: "reopenLogs" });
    logger.info({ logFile: logFile.path }, "log file reopened");
  }

  #onStarted(workers: number): void {
    const { logger, serviceManager, outgoing, pages, ports } = this.#parts;
    const ageMs = this.#parts.clock.now() - this.#parts.startedAt;
    logger.info({ workers, ms: Math.round(ageMs) }, "ready");
    serviceManager.onStarted(workers);
    if (outgoing || !this.#parts.isOnTerminal) return;
    standardOutputLines().write(
      banner({
        listening: pages.listening,
        admin: ports.adminAddress,
        agentCheck: ports.agentCheck,
        routes: this.#routes,
        workers,
      }),
    );
  }

  #closeListeners(owner: SocketOwner): void {
    const { listeners, dispatcher, incoming, ports } = this.#parts;
    const elsewhere = this.namesKeptBy(owner);
    listeners.close(elsewhere);
    // Bypasses the queue, because it runs per connection.
    dispatcher.close((handle, listener) => {
      if (owner !== "incomingMaster") return false;
      return incoming.pass(handle, listeners.nameOf(listener));
    });
    if (owner === "incomingMaster") this.#parts.serviceManager.handOver();
    // Another master, if there is one, answers on the admin port.
    ports.leave(owner === "none" ? undefined : elsewhere);
  }

  #openSockets(): Inheritance {
    const { listeners, ports } = this.#parts;
    const byName = listeners.all.map((each) => [each.name, each] as const);
    return inheritanceOf([...byName, ...ports.all]);
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has already exited.
    }
  }
}
