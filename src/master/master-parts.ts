/**
 * Builds the parts of a master from the bottom up: each part gets the parts
 * below it as values, and knows none above it. Events reach the supervisor as
 * commands in the queue, and its decisions reach the other parts as effects.
 */

import { type Clock, monotonicClock } from "../shared/clock.ts";
import { logSettings } from "../shared/config/checks/settings-warnings.ts";
import { listenersOf } from "../shared/config/listeners-of.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import { descriptorLimit } from "../shared/descriptor-limit.ts";
import { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import type { RawHandle, WorkerMessage } from "../shared/ipc-messages.ts";
import { DropLog } from "../shared/logging/drop-log.ts";
import { LogFile } from "../shared/logging/log-file.ts";
import { logWarnings } from "../shared/logging/log-warnings.ts";
import { createLogger, setProcessLogger } from "../shared/logging/logger.ts";
import { standardLog } from "../shared/logging/pretty-output.ts";
import { RecordedOutput } from "../shared/logging/recorded-output.ts";
import { isOnTerminal } from "../shared/logging/standard-stream.ts";
import { Counters } from "../shared/metrics/counters.ts";
import { MemoryCounter } from "../shared/rate-limits/memory-counter.ts";
import { BalancerStatus } from "./admin/balancer-status.ts";
import { Control } from "./admin/control.ts";
import { InspectionCalls } from "./admin/inspection/inspection-calls.ts";
import { MasterPages } from "./admin/master-pages.ts";
import { MasterPorts } from "./admin/master-ports.ts";
import { Announcement } from "./announcement.ts";
import type { EffectParts } from "./effects.ts";
import { parentProcess } from "./host/parent-process.ts";
import { PrivilegedFiles } from "./host/privileged-files.ts";
import { identityFor } from "./host/privileges.ts";
import { takeServiceEnvironment } from "./host/service-environment.ts";
import { ServiceManager } from "./host/service-manager.ts";
import { LogRings } from "./logs/log-rings.ts";
import { LogStreams } from "./logs/log-streams.ts";
import { AppCollisions } from "./metrics/app/app-collisions.ts";
import { ServerTotals } from "./metrics/server-totals.ts";
import { connectionLimits } from "./sockets/connection-limits.ts";
import { Dispatcher, type DropReason } from "./sockets/dispatcher.ts";
import { listenerSettings } from "./sockets/listen-error.ts";
import { ListenerSet } from "./sockets/listener-set.ts";
import { ProgramListeners } from "./sockets/program-listeners.ts";
import { InheritedSockets } from "./sockets/received-sockets.ts";
import { SessionOwners } from "./sockets/session-owners.ts";
import { TicketKeys } from "./sockets/ticket-keys.ts";
import { CommandLoop } from "./supervisor/command-loop.ts";
import { Supervisor } from "./supervisor/supervisor.ts";
import { Broadcasts } from "./supervisor/workers/broadcasts.ts";
import { clusterFork } from "./supervisor/workers/cluster-process.ts";
import type { WorkerHandle } from "./supervisor/workers/worker-handle.ts";
import { WorkerPool } from "./supervisor/workers/worker-pool.ts";
import { TakeOver } from "./take-over.ts";
import { DaemonSpans } from "./tracing/daemon-spans.ts";
import { IncomingLink } from "./upgrade/incoming-link.ts";
import { incomingStarter } from "./upgrade/incoming-process.ts";
import type { OutgoingChannel, Welcome } from "./upgrade/outgoing-channel.ts";
import { upgradeObstacle } from "./upgrade/upgrade-obstacle.ts";

/** Clients that rate limits track, for all workers: at most about 70 MB. */
const MAX_LIMITED_KEYS = 100_000;

/** The settings that say where the server listens. */
const ADDRESS_SETTINGS = ["host", "port", "socketPath", "listen"] as const;

export interface MasterOptions {
  readonly loaded: LoadedSettings;
  readonly reload: () => Promise<LoadedSettings>;
  /** The file that a worker process runs. */
  readonly workerExec: string;
  /** The upgrade that has started this master, if one has. */
  readonly takeOver?: MasterTakeOver | undefined;
}

interface MasterTakeOver {
  readonly outgoing: OutgoingChannel;
  /** Undefined if the outgoing master has died. */
  readonly welcome: Welcome | undefined;
}

export type MasterParts = ReturnType<typeof buildMaster>;

export function buildMaster(options: MasterOptions) {
  const host = buildHost(options);
  const workers = buildWorkers(host, options);
  const server = buildServer({ ...host, ...workers }, options);
  const admin = buildAdmin({ ...host, ...workers, ...server }, options);
  return { ...host, ...workers, ...server, ...admin } satisfies Omit<
    EffectParts,
    "onStopped"
  >;
}

/** Builds the parts that depend only on the environment of the process. */
function buildHost({ loaded, takeOver }: MasterOptions) {
  const clock: Clock = monotonicClock;
  const startedAt = clock.now();
  // Read early: when a parent dies, another process becomes the parent.
  const parent = parentProcess();
  const identity = identityFor(loaded.settings);
  const files = new PrivilegedFiles(identity);
  const logFile = openLogFile(loaded, files);
  const { logLevel: level, logFormat } = loaded.settings;
  const logRings = new LogRings();
  const { ring } = logRings;
  const lines = logFile ?? standardLog(logFormat);
  const sink = ring ? new RecordedOutput(lines, ring) : lines;
  const logger = createLogger({ role: "master", level, sink });
  setProcessLogger(logger);
  logWarnings();
  logSettings(loaded, logger);
  const environment = takeServiceEnvironment(process.env, process.pid);
  const isMain = takeOver === undefined;
  const serviceManager = new ServiceManager({ environment, logger, isMain });
  const obstacle = upgradeObstacle({
    ...{ pid: process.pid, parent, env: process.env },
    canTellMainPid: environment.notifySocket !== undefined,
  });
  return {
    ...{ clock, startedAt, identity, files, logFile, logger, environment },
    ...{ logRings, logStreams: new LogStreams(logRings) },
    ...{ serviceManager, upgradeObstacle: obstacle },
    isOnTerminal: isOnTerminal(),
  };
}

type Host = ReturnType<typeof buildHost>;

function openLogFile(
  { settings }: LoadedSettings,
  files: PrivilegedFiles,
): LogFile | undefined {
  const { logFile } = settings;
  if (logFile === undefined) return undefined;
  return new LogFile(logFile, (file) => files.openLog(file));
}

/** Builds the queue, the workers, and their connections and counts. */
function buildWorkers(host: Host, { workerExec, takeOver }: MasterOptions) {
  const { clock, logger } = host;
  const counters = new Counters();
  const onError = () => counters.add("supervisorErrors");
  const loop = new CommandLoop({ logger, onError });
  const reserve = new DescriptorReserve(descriptorLimit());
  const limits = connectionLimits(reserve);
  const dispatcher = new Dispatcher({
    maxWaiting: limits.waiting,
    maxUnacknowledged: limits.unacknowledged,
    ...{ counters, clock, reserve },
    dropLog: new DropLog<DropReason>(clock, () => logger),
    onSessionGiven: (session, worker) => sessions.own(session, worker),
  });
  const sessions = new SessionOwners(dispatcher, counters);
  const rateCounter = new MemoryCounter(MAX_LIMITED_KEYS);
  const broadcasts = new Broadcasts(counters);
  const fork = clusterFork(workerExec, host.logRings);
  const pool: WorkerPool = new WorkerPool(fork, clock, {
    onMessage: (worker, message, handle) => {
      const isTaken = takeRequestMessage(worker, message, handle, {
        ...{ dispatcher, sessions, rateCounter, broadcasts },
        workers: () => pool.workers,
      });
      if (!isTaken) loop.enqueue({ type: "workerMessage", worker, message });
    },
    onArrived: (worker, id) => dispatcher.onArrived(worker, id),
    onRefused: (worker, id) => dispatcher.onRefused(worker, id),
    onWatchdog: (worker, event, data) => {
      loop.enqueue({ type: "watchdogEvent", worker, event, data });
    },
    // After each command the supervisor kills workers that are unhealthy.
    onViolation: () => loop.enqueue({ type: "tick" }),
    onGone: (worker) => {
      broadcasts.onGone(worker);
      loop.enqueue({ type: "workerGone", worker });
    },
  });
  const totals = new ServerTotals(counters);
  const onRenewed = (ticketKeys: string) => {
    loop.enqueue({ type: "ticketKeys", ticketKeys });
  };
  const inheritedKeys = takeOver?.welcome?.ticketKeys;
  const ticketKeys = new TicketKeys(onRenewed, inheritedKeys);
  const spans = new DaemonSpans(takeOver?.welcome?.span);
  return {
    ...{ counters, loop, limits, dispatcher, sessions, pool, totals },
    ...{ ticketKeys, spans },
  };
}

type Workers = ReturnType<typeof buildWorkers>;

interface RequestMessageParts {
  readonly dispatcher: Dispatcher;
  readonly sessions: SessionOwners;
  readonly rateCounter: MemoryCounter;
  readonly broadcasts: Broadcasts;
  readonly workers: () => readonly WorkerHandle[];
}

/**
 * Handles messages that arrive for each connection or request. They bypass the
 * queue, because the pool is reconciled after each command, and these messages
 * do not affect the supervisor's decisions.
 *
 * @returns false for any other message
 */
function takeRequestMessage(
  worker: WorkerHandle,
  message: WorkerMessage,
  handle: RawHandle | undefined,
  parts: RequestMessageParts,
): boolean {
  const { dispatcher, sessions, rateCounter, broadcasts, workers } = parts;
  switch (message.type) {
    case "accepted":
      dispatcher.onAccepted(worker, message.id);
      return true;
    case "connections":
      dispatcher.onOpenConnections(worker, message.openConnections);
      return true;
    case "count": {
      const counts = message.entries.map((entry) =>
        rateCounter.countNow(entry),
      );
      worker.send({ type: "counted", id: message.id, counts });
      return true;
    }
    case "ownSession":
      sessions.own(message.session, worker.id);
      return true;
    case "handOver":
      if (handle) sessions.handOver(worker, message, handle);
      return true;
    case "broadcast":
      broadcasts.send(worker, message.json, workers());
      return true;
    default:
      return false;
  }
}

/**
 * Builds the supervisor, and the channels to the outgoing and incoming masters.
 */
function buildServer(below: Host & Workers, options: MasterOptions) {
  const { loop } = below;
  const { loaded, takeOver } = options;
  const { configFile, cwd: workingFolder } = loaded;
  const parts = { ...below, configFile, workingFolder };
  const outgoing = takeOver?.outgoing;
  const supervisor = new Supervisor(
    loaded.settings,
    parts,
    takeOver && {
      outgoingPid: takeOver.outgoing.pid,
      before: takeOver.welcome,
    },
  );
  outgoing?.listen((event) => loop.enqueue({ type: "takeOver", event }));
  const env = below.environment.forNextMaster;
  const incoming = new IncomingLink(
    incomingStarter({ folder: workingFolder, env }),
    (event) => loop.enqueue({ type: "handOver", event }),
  );
  const { reload } = options;
  return { supervisor, server: supervisor.view, outgoing, incoming, reload };
}

type Server = ReturnType<typeof buildServer>;

/** Builds the sockets, the pages of the admin port, and their common parts. */
function buildAdmin(below: Host & Workers & Server, { loaded }: MasterOptions) {
  const { files, limits, outgoing } = below;
  const { settings, origins } = loaded;
  const listeners = new ListenerSet({
    ...below,
    settings: listenersOf(settings),
    isOnDemand: isAddressFree(loaded) && !hasActivatedSockets(below),
    setBy: listenersOf(settings).map((_, index) => {
      return listenerSettings(loaded, index);
    }),
  });
  const balancer = new BalancerStatus(below);
  const ports = new MasterPorts({ ...below, settings, origins, balancer });
  const programs = new ProgramListeners({ ...below, listeners });
  const portNames = ports.wanted.map(({ name }) => name);
  const inherited = new InheritedSockets(
    outgoing?.sockets ?? new Map(),
    (name) => {
      return portNames.includes(name) || listeners.numberOf(name) !== undefined;
    },
  );
  const control = new Control(below);
  const collisions = new AppCollisions(below.logger, below.counters);
  const inspectionCalls = new InspectionCalls(below.loop);
  const pages = new MasterPages({
    ...{ ...below, control, inspectionCalls, collisions, listeners, ports },
  });
  const announcement = new Announcement({
    ...{ loaded, files, logger: below.logger },
    pages: pages.servedOver("control socket"),
    maxConnections: limits.controlSocket,
    outgoingPid: outgoing?.pid,
  });
  const takeOver = new TakeOver({
    ...{ ...below, listeners, ports, pages, announcement },
  });
  return {
    ...{ listeners, balancer, ports, inherited, control, pages, announcement },
    ...{ programs, takeOver, inspectionCalls },
  };
}

/** Whether the app decides where the server listens: no setting does. */
function isAddressFree({ settings, origins }: LoadedSettings): boolean {
  const isDefault = (name: string) => {
    return (origins.get(name) ?? "default") === "default";
  };
  return settings.app !== undefined && ADDRESS_SETTINGS.every(isDefault);
}

/** A service manager has bound the address of the settings. */
function hasActivatedSockets({ environment }: Host): boolean {
  return environment.activatedSockets > 0;
}
