/** Puts the master's parts together and owns them. */
import { type Clock, monotonicClock } from "../shared/clock.ts";
import { listenersOf } from "../shared/config/listeners-of.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import type { Settings } from "../shared/config/settings.ts";
import { logSettings } from "../shared/config/settings-warnings.ts";
import { descriptorLimit } from "../shared/descriptor-limit.ts";
import { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import { DropLog } from "../shared/drop-log.ts";
import type { RouteInfo, WorkerMessage } from "../shared/ipc-messages.ts";
import { listenerNames } from "../shared/listener-name.ts";
import { LogFile } from "../shared/log-file.ts";
import { logWarnings } from "../shared/log-warnings.ts";
import {
  createLogger,
  type Logger,
  setProcessLogger,
} from "../shared/logger.ts";
import {
  isOnTerminal,
  standardOutputLines,
} from "../shared/standard-stream.ts";
import { BalancerNews } from "./admin/balancer-news.ts";
import { banner } from "./admin/banner.ts";
import { Control } from "./admin/control.ts";
import { ControlSocket, grantRuntimeFolder } from "./admin/control-socket.ts";
import { Insight } from "./admin/insight.ts";
import { OwnPorts } from "./admin/own-ports.ts";
import { parentProcess } from "./host/parent-process.ts";
import { PidFile } from "./host/pid-file.ts";
import { PrivilegedFiles } from "./host/privileged-files.ts";
import { become, type Identity, identityFor } from "./host/privileges.ts";
import {
  type ServiceEnvironment,
  takeServiceEnvironment,
} from "./host/service-environment.ts";
import { ServiceManager } from "./host/service-manager.ts";
import { listenToSignals } from "./host/signals.ts";
import { watchForZombies } from "./host/zombie-watch.ts";
import { prepareExposition } from "./metrics/exposition.ts";
import { readUsage } from "./metrics/process-usage.ts";
import { RateCounts } from "./metrics/rate-counts.ts";
import { ServerTotals } from "./metrics/server-totals.ts";
import { activatedSockets } from "./sockets/activated-sockets.ts";
import { listenerSettings } from "./sockets/address-settings.ts";
import { connectionLimits } from "./sockets/connection-limits.ts";
import { Dispatcher, type DropReason } from "./sockets/dispatcher.ts";
import {
  InheritedSockets,
  inheritanceOf,
} from "./sockets/inherited-sockets.ts";
import { ListenerSet } from "./sockets/listener-set.ts";
import { TicketKeys } from "./sockets/ticket-keys.ts";
import { StartError } from "./start-error.ts";
import type { ReloadOutcome } from "./supervisor/rollout/reload-outcome.ts";
import { Supervisor } from "./supervisor/supervisor.ts";
import type {
  SupervisorHooks,
  SupervisorParts,
} from "./supervisor/supervisor-parts.ts";
import { clusterFork } from "./supervisor/workers/cluster-process.ts";
import type { WorkerHandle } from "./supervisor/workers/worker-handle.ts";
import { WorkerPool } from "./supervisor/workers/worker-pool.ts";
import { Succession, type SuccessionHooks } from "./upgrade/incoming-master.ts";
import type { Predecessor, Welcome } from "./upgrade/outgoing-master.ts";
import { successorStarter } from "./upgrade/successor-starter.ts";
import { upgradeObstacle } from "./upgrade/upgrade-obstacle.ts";
import type { UpgradeHooks } from "./upgrade/upgrade-parts.ts";

export interface MasterOptions {
  readonly loaded: LoadedSettings;
  readonly reload: () => Promise<LoadedSettings>;
  /** The file that a worker process runs. */
  readonly workerExec: string;
  /** The master that this one succeeds. */
  readonly before?: Before | undefined;
}

interface Before {
  readonly predecessor: Predecessor;
  /** What it said first; nothing where it has died meanwhile. */
  readonly welcome: Welcome | undefined;
}

const USAGE_INTERVAL_MS = 2_000;
/** When a start, which is not to wait for it, is over. */
const PREPARE_AFTER_MS = 1_000;

export class Master implements SupervisorHooks {
  readonly #settings: Settings;
  readonly #origins: LoadedSettings["origins"];
  readonly #clock: Clock = monotonicClock;
  readonly #startedAt: number;
  /** The account that the master switches to; undefined if it keeps its own. */
  readonly #identity: Identity | undefined;
  readonly #files: PrivilegedFiles;
  readonly #logFile: LogFile | undefined;
  readonly #logger: Logger;
  readonly #reserve = new DescriptorReserve(descriptorLimit());
  readonly #limits = connectionLimits(this.#reserve);
  readonly #dropLog = new DropLog<DropReason>(this.#clock, () => this.#logger);
  readonly #dispatcher = new Dispatcher({
    maxWaiting: this.#limits.waiting,
    maxUnacknowledged: this.#limits.unacknowledged,
    clock: this.#clock,
    reserve: this.#reserve,
    dropLog: this.#dropLog,
  });
  readonly #totals = new ServerTotals(this.#dispatcher);
  readonly #news = new BalancerNews(() => ({
    supervisor: this.#supervisor,
    workers: this.#pool.workers,
    now: this.#clock.now(),
  }));
  readonly #rateCounts = new RateCounts();
  readonly #before: Before | undefined;
  /** Whoever the parent is later has not waited for this process. */
  readonly #starter = parentProcess();
  readonly #succession: Succession | undefined;
  readonly #ticketKeys: TicketKeys;
  readonly #pool: WorkerPool;
  readonly #supervisor: Supervisor;
  readonly #ports: OwnPorts;
  readonly #inherited: InheritedSockets;
  readonly #environment: ServiceEnvironment;
  readonly #serviceManager: ServiceManager;
  readonly #finished: Promise<number>;
  #finish: (exitCode: number) => void = () => {};
  #listeners: ListenerSet | undefined;
  readonly #control = new Control(() => ({
    logFile: this.#logFile,
    supervisor: this.#supervisor,
    workers: this.#pool.workers,
  }));
  readonly #insight = new Insight(() => ({
    ...{ settings: this.#settings, logger: this.#logger },
    ...{ clock: this.#clock, startedAt: this.#startedAt },
    ...{ supervisor: this.#supervisor, pool: this.#pool },
    ...{ totals: this.#totals, control: this.#control },
    ...{ listeners: this.#listeners, ports: this.#ports },
    succession: this.#succession,
  }));
  #controlSocket: ControlSocket | undefined;
  #pidFile: PidFile | undefined;
  #routes: readonly RouteInfo[] = [];

  constructor(options: MasterOptions) {
    const { loaded, reload, workerExec, before } = options;
    const { settings, origins } = loaded;
    this.#before = before;
    const { logFile, logLevel: level } = settings;
    this.#settings = settings;
    this.#origins = origins;
    this.#startedAt = this.#clock.now();
    this.#identity = identityFor(settings);
    const files = new PrivilegedFiles(this.#identity);
    this.#files = files;
    const openLog = (file: string) => files.openLog(file);
    const sink =
      logFile === undefined ? undefined : new LogFile(logFile, openLog);
    this.#logFile = sink;
    this.#logger = createLogger({ role: "master", level, sink });
    setProcessLogger(this.#logger);
    logWarnings();
    logSettings(loaded, this.#logger);
    this.#ports = new OwnPorts({
      ...{ settings, origins, logger: this.#logger, files },
      limits: this.#limits,
      adminPages: () => this.#insight.pages("admin port"),
      settingsNow: () => this.#supervisor.settings,
      agentAnswer: () => this.#news.agentAnswer,
    });
    this.#inherited = new InheritedSockets(
      before?.predecessor.sockets ?? new Map(),
      [
        ...listenerNames(listenersOf(settings)),
        ...this.#ports.seekers.map(({ name }) => name),
      ],
    );
    this.#environment = takeServiceEnvironment(process.env, process.pid);
    this.#serviceManager = new ServiceManager({
      environment: this.#environment,
      logger: this.#logger,
      isMain: !before,
    });
    this.#ticketKeys = new TicketKeys((ticketKeys) => {
      for (const worker of this.#pool.workers) {
        worker.send({ type: "ticketKeys", ticketKeys });
      }
    }, before?.welcome?.ticketKeys);
    this.#pool = new WorkerPool(clusterFork(workerExec), this.#clock, {
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onArrived: (worker, id) => this.#dispatcher.onArrived(worker, id),
      onRefused: (worker, id) => this.#dispatcher.onRefused(worker, id),
      // The loop looks who has to be killed.
      onViolation: () => this.#supervisor.enqueue({ type: "tick" }),
      onGone: (worker) => {
        this.#supervisor.enqueue({ type: "workerGone", worker });
      },
    });
    const env = this.#environment.forNextMaster;
    const parts: SupervisorParts = {
      pool: this.#pool,
      counters: this.#totals.counters,
      clock: this.#clock,
      logger: this.#logger,
      reload,
      configFile: loaded.configFile,
      workingFolder: loaded.cwd,
      isOnTerminal: isOnTerminal(),
      hooks: this,
      upgrade: {
        hooks: this.#upgradeHooks(),
        start: successorStarter({ folder: loaded.cwd, env }),
      },
    };
    this.#supervisor = new Supervisor(settings, parts, before?.welcome);
    this.#succession = before && this.#succeed(before.predecessor);
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /**
   * Runs until the server has stopped.
   *
   * @returns the exit code
   * @throws StartError where it did not get that far
   */
  async run(): Promise<number> {
    const supervisor = this.#supervisor;
    const stopListening = listenToSignals((command) => {
      supervisor.enqueue(command);
    });
    const usage = setInterval(() => {
      readUsage(this.#pool.workers);
    }, USAGE_INTERVAL_MS);
    const preparation = setTimeout(() => {
      // Whoever asks for it will be told what is wrong with it.
      prepareExposition().catch(() => {});
    }, PREPARE_AFTER_MS);
    const stopZombieWatch = watchForZombies(this.#logger);
    try {
      this.#serviceManager.onStarting(this.#settings.startTimeoutMs);
      await this.#open();
      supervisor.start();
      const exitCode = await this.#finished;
      if (supervisor.startError) throw new StartError(supervisor.startError);
      return exitCode;
    } finally {
      clearInterval(usage);
      clearTimeout(preparation);
      stopZombieWatch();
      this.#ticketKeys.stop();
      stopListening();
      this.#listeners?.close(this.#socketsElsewhere());
      await supervisor.closeUpgrades();
      await Promise.all([this.#ports.close(), this.#controlSocket?.close()]);
      this.#pidFile?.remove();
      await this.#serviceManager.close();
    }
  }

  // --- what the supervisor tells

  onHello(worker: WorkerHandle): void {
    const { slot, generation, settings } = worker;
    // Before "boot": a worker that is booted has what it will accept on.
    this.#listeners?.sendSharedTo(worker);
    const ticketKeys = this.#ticketKeys.current;
    const folder = this.#supervisor.folderOf(generation);
    const mayAccept = this.#succession?.hasStarted ?? true;
    const identity = { slot, generation, settings, folder, mayAccept };
    const { readiness } = this.#news;
    worker.send({ type: "boot", ...identity, ticketKeys, readiness });
    this.#succession?.onWorkers(this.#pool.workers.map(({ pid }) => pid));
  }

  onReady(worker: WorkerHandle, routes: readonly RouteInfo[]): void {
    this.#routes = routes;
    this.#control.onReady(worker);
    this.#listeners?.onWorkerAccepts();
    this.#dispatcher.join(worker, worker.settings.slowStartMs);
  }

  onDraining(worker: WorkerHandle): void {
    this.#dispatcher.leave(worker);
  }

  onReport(
    worker: WorkerHandle,
    message: Extract<WorkerMessage, { report: unknown }>,
  ): void {
    this.#totals.onReport(worker, message);
  }

  onGone(worker: WorkerHandle): void {
    this.#dispatcher.onGone(worker);
    this.#totals.onGone(worker);
  }

  onStarted(): void {
    const ms = Math.round(this.#clock.now() - this.#startedAt);
    const workers = this.#pool.countIn("ready");
    this.#logger.info({ workers, ms }, "ready");
    this.#serviceManager.onStarted(workers);
    if (this.#succession) {
      this.#succession.onStarted(this.#inherited.names);
      return;
    }
    if (!isOnTerminal()) return;
    standardOutputLines().write(
      banner({
        listening: this.#insight.listening,
        admin: this.#ports.adminAddress,
        agentCheck: this.#ports.agentCheck,
        routes: this.#routes,
        workers,
      }),
    );
  }

  /** Workers are told where it went well here: one complaint is enough. */
  onReopenLogs(): void {
    if (!this.#logFile?.reopen()) return;
    for (const worker of this.#pool.workers) {
      worker.send({ type: "reopenLogs" });
    }
    this.#logger.info({ logFile: this.#logFile.path }, "log file reopened");
  }

  onReloading(): void {
    this.#serviceManager.onReloading();
  }

  onReloadEnded(outcome: ReloadOutcome): void {
    this.#serviceManager.onReloadEnded(outcome);
  }

  onStopping(maxMs: number): void {
    this.#serviceManager.onStopping(maxMs);
  }

  onClosing(): void {
    this.#listeners?.close(this.#socketsElsewhere());
    this.#dispatcher.close((handle, listener) => {
      const name = this.#listeners?.nameOf(listener) ?? "";
      return this.#supervisor.upgrades.pass(handle, name);
    });
    const isReleased = this.#supervisor.upgrades.state === "released";
    if (isReleased) this.#serviceManager.handOver();
    // Whoever asks is answered by the other master, if there is one.
    const isOnly = this.#isMaster && !isReleased;
    this.#ports.leave(isOnly ? undefined : this.#socketsElsewhere());
  }

  onStopped(exitCode: number): void {
    this.#control.onStopped();
    this.#finish(exitCode);
  }

  onTurn(): void {
    this.#news.update();
  }

  // --- parts

  async #open(): Promise<void> {
    const loaded = { settings: this.#settings, origins: this.#origins };
    const settings = listenersOf(this.#settings);
    const inherited =
      this.#before?.predecessor.sockets ??
      (await activatedSockets(
        this.#environment,
        settings,
        this.#ports.seekers,
      ));
    this.#listeners = await ListenerSet.open({
      settings,
      inherited,
      setBy: settings.map((_, index) => listenerSettings(loaded, index)),
      dispatcher: this.#dispatcher,
      clock: this.#clock,
      logger: this.#logger,
      files: this.#files,
    });
    if (this.#before) {
      this.#inherited.closeUnused();
      this.#become();
      return;
    }
    await this.#ports.open(inherited);
    this.#writePidFile();
    this.#become();
    await this.#openControlSocket();
    // While no worker is ready, clients wait.
    this.#listeners.accept();
  }

  #writePidFile(): void {
    const { pidFile } = this.#settings;
    if (pidFile === undefined) return;
    const predecessor = this.#before?.predecessor.pid;
    const files = this.#files;
    this.#pidFile = PidFile.write(pidFile, { predecessor, files });
  }

  /** The sockets are bound: what only root can have is not needed any more. */
  #become(): void {
    const { pidFile } = this.#settings;
    if (!this.#identity) return;
    const { uid, gid } = this.#identity;
    grantRuntimeFolder(this.#settings, uid, this.#files);
    // The outgoing master made the pid file; this one replaces it on takeover.
    if (this.#before && pidFile) this.#files.giveIfThere(pidFile);
    become(this.#identity);
    this.#logger.info({ uid, gid }, "became another user");
  }

  // --- from master to master

  get #isMaster(): boolean {
    return this.#succession?.isMaster ?? true;
  }

  /** Names of those with which another master goes on when this one leaves. */
  #socketsElsewhere(): ReadonlySet<string> {
    if (this.#isMaster) return this.#supervisor.upgrades.handedOver;
    return new Set(this.#inherited.names);
  }

  #upgradeHooks(): UpgradeHooks {
    return {
      refusal: () => {
        const pid = this.#succession?.predecessorPid;
        if (pid) return `the master before this one (${pid}) is still leaving`;
        const canTellMainPid = this.#environment.notifySocket !== undefined;
        const { env, pid: ownPid } = process;
        const parent = this.#starter;
        return upgradeObstacle({ pid: ownPid, parent, env, canTellMainPid });
      },
      sockets: () => {
        const listeners = this.#listeners?.all ?? [];
        const byName = listeners.map((each) => [each.name, each] as const);
        return inheritanceOf([...byName, ...this.#ports.all]);
      },
      ticketKeys: () => this.#ticketKeys.current,
      totals: () => this.#totals.handover(this.#pool.workers),
      holdAnswers: () => this.#ports.hold(),
      resumeAnswers: () => this.#ports.resume(),
      // Commands must not find two masters.
      onSettled: () => this.#controlSocket?.close(),
    };
  }

  #succeed(predecessor: Predecessor): Succession {
    const hooks: SuccessionHooks = {
      accept: () => {
        this.#listeners?.accept();
        for (const worker of this.#pool.workers) {
          worker.send({ type: "accept" });
        }
        this.#listeners?.onWorkerAccepts();
      },
      openPorts: async () => {
        await this.#ports.open(predecessor.sockets);
        this.#ports.hold();
      },
      becomeMaster: async () => {
        this.#ports.resume();
        this.#writePidFile();
        await this.#openControlSocket();
        await this.#serviceManager.becomeMain();
      },
      adopt: (handle, listener) => this.#listeners?.adopt(handle, listener),
      record: (totals) => this.#totals.inherit(totals),
      leave: () => this.#supervisor.enqueue({ type: "stop", how: "quit" }),
    };
    return new Succession({ predecessor, logger: this.#logger, hooks });
  }

  // --- parts for people and their tools

  async #openControlSocket(): Promise<void> {
    this.#controlSocket = await ControlSocket.open({
      settings: this.#settings,
      origins: this.#origins,
      pages: this.#insight.pages("control socket"),
      maxConnections: this.#limits.controlSocket,
      succeedsAnother: this.#before !== undefined,
      onListening: (socketPath) => {
        this.#logger.info({ socketPath }, "control listening");
      },
      onMissing: (reasons) => {
        this.#logger.warn({ reasons }, "no control socket; use signals");
      },
    });
  }

  /** What comes with requests and connections does not wait for the loop. */
  #onMessage(worker: WorkerHandle, message: WorkerMessage): void {
    if (message.type === "accepted") {
      this.#dispatcher.onAccepted(worker, message.id);
    } else if (message.type === "connections") {
      this.#dispatcher.onOpenConnections(worker, message.openConnections);
    } else if (message.type === "count") {
      const counts = this.#rateCounts.count(message.entries);
      worker.send({ type: "counted", id: message.id, counts });
    } else {
      this.#supervisor.enqueue({ type: "workerMessage", worker, message });
    }
  }
}
