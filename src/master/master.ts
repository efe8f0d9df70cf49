/** Puts the master's parts together and owns them. */
import { type Clock, monotonicClock } from "../shared/clock.ts";
import { readAdminToken } from "../shared/config/admin-token.ts";
import { listenersOf } from "../shared/config/listeners-of.ts";
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import { packageVersion } from "../shared/config/package-version.ts";
import type { Settings } from "../shared/config/settings.ts";
import type { RouteInfo, WorkerMessage } from "../shared/ipc-messages.ts";
import { LogFile } from "../shared/log-file.ts";
import {
  createLogger,
  type Logger,
  setProcessLogger,
} from "../shared/logger.ts";
import type { CountEntry } from "../shared/rate-limits/counter.ts";
import { MemoryCounter } from "../shared/rate-limits/memory-counter.ts";
import { adminGuard } from "./admin-guard.ts";
import { adminRoutes } from "./admin-routes.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";
import { banner } from "./banner.ts";
import { clusterFork } from "./cluster-process.ts";
import { Control } from "./control.ts";
import { controlRoutes } from "./control-routes.ts";
import { ControlSocket } from "./control-socket.ts";
import { Counters } from "./counters.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Herd } from "./herd.ts";
import { Ledger } from "./ledger.ts";
import { toListenError } from "./listen-error.ts";
import { Listeners } from "./listeners.ts";
import type { Listening } from "./listening.ts";
import type { MetricSources } from "./metric-families.ts";
import { passedSockets } from "./passed-sockets.ts";
import { PidFile } from "./pid-file.ts";
import { become, type Identity, identityFor } from "./privileges.ts";
import { readUsage } from "./process-usage.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";
import { schemeOf } from "./scheme-of.ts";
import {
  type ServiceEnvironment,
  takeServiceEnvironment,
} from "./service-environment.ts";
import { ServiceManager } from "./service-manager.ts";
import { listenToSignals } from "./signals.ts";
import { StartError } from "./start-error.ts";
import type { StatusSources } from "./status.ts";
import { Supervisor } from "./supervisor.ts";
import type { SupervisorHooks } from "./supervisor-parts.ts";
import { TicketKeys } from "./ticket-keys.ts";
import type { WorkerHandle } from "./worker-handle.ts";
import { watchForZombies } from "./zombie-watch.ts";

export interface MasterOptions {
  readonly loaded: LoadedSettings;
  readonly reload: () => Promise<LoadedSettings>;
  /** The file that a worker process runs. */
  readonly workerExec: string;
}

const USAGE_INTERVAL_MS = 2_000;
/** While no worker is ready, so many clients wait for one. */
const MAX_WAITING = 10_000;
/** Clients that rate limits know of at a time: some 70 MB at the most. */
const MAX_LIMITED_KEYS = 100_000;

export class Master implements SupervisorHooks {
  readonly #settings: Settings;
  readonly #clock: Clock = monotonicClock;
  readonly #startedAt: number;
  readonly #logFile: LogFile | undefined;
  readonly #logger: Logger;
  readonly #dispatcher = new Dispatcher(MAX_WAITING);
  readonly #ledger = new Ledger();
  readonly #counters = new Counters();
  readonly #ticketKeys = new TicketKeys((ticketKeys) => {
    for (const worker of this.#herd.workers) {
      worker.send({ type: "ticketKeys", ticketKeys });
    }
  });
  readonly #herd: Herd;
  readonly #supervisor: Supervisor;
  readonly #environment: ServiceEnvironment;
  readonly #serviceManager: ServiceManager;
  /** CPU seconds by slot, of workers that are gone. */
  readonly #retiredCpu = new Map<number, number>();
  readonly #finished: Promise<number>;
  #finish: (exitCode: number) => void = () => {};
  #listeners: Listeners | undefined;
  #admin: AdminServer | undefined;
  readonly #control = new Control(() => ({
    logFile: this.#logFile,
    supervisor: this.#supervisor,
    workers: this.#herd.workers,
  }));
  #controlSocket: ControlSocket | undefined;
  #pidFile: PidFile | undefined;
  #routes: readonly RouteInfo[] = [];
  /** From the first question of a worker on. */
  #rateCounter: Promise<MemoryCounter> | undefined;

  constructor({ loaded, reload, workerExec }: MasterOptions) {
    const { settings } = loaded;
    const { logFile, logLevel: level } = settings;
    this.#settings = settings;
    this.#startedAt = this.#clock.now();
    const sink = logFile === undefined ? undefined : new LogFile(logFile);
    this.#logFile = sink;
    this.#logger = createLogger({ role: "master", level, sink });
    setProcessLogger(this.#logger);
    this.#environment = takeServiceEnvironment(process.env, process.pid);
    this.#serviceManager = new ServiceManager({
      environment: this.#environment,
      logger: this.#logger,
    });
    this.#herd = new Herd(clusterFork(workerExec), this.#clock, {
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onGone: (worker) => {
        this.#supervisor.enqueue({ type: "workerGone", worker });
      },
    });
    this.#supervisor = new Supervisor(settings, {
      herd: this.#herd,
      counters: this.#counters,
      clock: this.#clock,
      logger: this.#logger,
      reload,
      workingFolder: loaded.cwd,
      hooks: this,
    });
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
      readUsage(this.#herd.workers);
    }, USAGE_INTERVAL_MS);
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
      stopZombieWatch();
      this.#ticketKeys.stop();
      stopListening();
      this.#listeners?.close();
      await Promise.all([this.#admin?.close(), this.#controlSocket?.close()]);
      this.#pidFile?.remove();
      await this.#serviceManager.close();
    }
  }

  // --- what the supervisor tells

  onHello(worker: WorkerHandle): void {
    const { slot, generation, settings } = worker;
    // Before "boot": a worker that is booted has what it will accept on.
    this.#listeners?.giveTo(worker);
    const ticketKeys = this.#ticketKeys.current;
    const folder = this.#supervisor.folderOf(generation);
    const identity = { slot, generation, settings, folder };
    worker.send({ type: "boot", ...identity, ticketKeys });
  }

  onReady(worker: WorkerHandle, routes: readonly RouteInfo[]): void {
    this.#routes = routes;
    this.#control.onReady(worker);
    this.#dispatcher.join(worker);
  }

  onDraining(worker: WorkerHandle): void {
    this.#dispatcher.leave(worker);
  }

  onReport(
    worker: WorkerHandle,
    message: Extract<WorkerMessage, { report: unknown }>,
  ): void {
    const { gauges, snapshot, checks } = message.report;
    worker.gauges = gauges;
    worker.checks = checks;
    this.#ledger.record(worker.id, snapshot);
    worker.requestCount = this.#ledger.requestCountOf(worker.id);
    if (message.type === "leaving") {
      this.#counters.forcedCloses += message.forcedCloses;
    }
  }

  onGone(worker: WorkerHandle): void {
    this.#dispatcher.onGone(worker);
    this.#ledger.retire(worker.id);
    const before = this.#retiredCpu.get(worker.slot) ?? 0;
    this.#retiredCpu.set(worker.slot, before + worker.cpuSeconds);
  }

  onStarted(): void {
    const ms = Math.round(this.#clock.now() - this.#startedAt);
    const workers = this.#herd.countIn("ready");
    this.#logger.info({ workers, ms }, "ready");
    this.#serviceManager.onStarted(workers);
    if (!process.stdout.isTTY) return;
    process.stdout.write(
      banner({
        listening: this.#listening(),
        admin: { ...this.#settings.admin, port: this.#admin?.port ?? 0 },
        routes: this.#routes,
        workers,
      }),
    );
  }

  /** Workers are told where it went well here: one complaint is enough. */
  onReopenLogs(): void {
    if (!this.#logFile?.reopen()) return;
    for (const worker of this.#herd.workers) {
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
    this.#listeners?.close();
    this.#dispatcher.close();
  }

  onStopped(exitCode: number): void {
    this.#control.onStopped();
    this.#finish(exitCode);
  }

  // --- parts

  async #open(): Promise<void> {
    const identity = identityFor(this.#settings);
    const settings = listenersOf(this.#settings);
    this.#listeners = await Listeners.open({
      settings,
      inherited: await passedSockets(this.#environment, settings),
      dispatcher: this.#dispatcher,
      clock: this.#clock,
      logger: this.#logger,
    });
    this.#admin = await this.#openAdmin();
    this.#settle(identity);
    this.#controlSocket = await this.#openControlSocket();
    // While no worker is ready, clients wait.
    this.#listeners.accept();
    const admin = { host: this.#settings.admin.host, port: this.#admin.port };
    this.#logger.info(admin, "admin listening");
  }

  /** The sockets are bound: what only root can have is not needed any more. */
  #settle(identity: Identity | undefined): void {
    const { pidFile, logFile, runtimeDir } = this.#settings;
    if (pidFile !== undefined) this.#pidFile = PidFile.write(pidFile);
    if (!identity) return;
    const { uid, gid } = identity;
    const sockets = (this.#listeners?.all ?? []).map(({ address }) => {
      return "socketPath" in address ? address.socketPath : undefined;
    });
    const files = [...sockets, pidFile, logFile];
    become(identity, { files, folder: runtimeDir });
    this.#logger.info({ uid, gid }, "became another user");
  }

  async #openAdmin(): Promise<AdminServer> {
    const { host, port } = this.#settings.admin;
    const guard = adminGuard({
      host,
      token: () => {
        const { tokenFile } = this.#supervisor.settings.admin;
        return tokenFile === undefined ? undefined : readAdminToken(tokenFile);
      },
    });
    const pages = { ...this.#adminPages(), guard };
    try {
      return await AdminServer.open({ host, port }, pages);
    } catch (error) {
      throw toListenError({ host, port }, error as NodeJS.ErrnoException);
    }
  }

  #openControlSocket(): Promise<ControlSocket> {
    return ControlSocket.open({
      settings: this.#settings,
      pages: this.#adminPages(),
      onListening: (socketPath) => {
        this.#logger.info({ socketPath }, "control listening");
      },
      onMissing: (reasons) => {
        this.#logger.warn({ reasons }, "no control socket; use signals");
      },
    });
  }

  #adminPages(): AdminPages {
    const routes = adminRoutes({
      status: () => this.#status(),
      metrics: () => this.#metrics(),
    });
    return { routes, actions: controlRoutes(this.#control) };
  }

  /** What comes with requests and connections does not wait for the loop. */
  #onMessage(worker: WorkerHandle, message: WorkerMessage): void {
    if (message.type === "accepted") {
      const { id, openConnections } = message;
      this.#dispatcher.onAccepted(worker, id, openConnections);
    } else if (message.type === "connections") {
      this.#dispatcher.onOpenConnections(worker, message.openConnections);
    } else if (message.type === "count") {
      this.#count(message.entries).then((counts) => {
        worker.send({ type: "counted", id: message.id, counts });
      });
    } else {
      this.#supervisor.enqueue({ type: "workerMessage", worker, message });
    }
  }

  async #count(entries: readonly CountEntry[]) {
    this.#rateCounter ??= MemoryCounter.create(MAX_LIMITED_KEYS);
    const counter = await this.#rateCounter;
    return Promise.all(entries.map((entry) => counter.count(entry)));
  }

  /** A reload may turn TLS on and off, and nothing else. */
  #listening(): readonly Listening[] {
    const settings = listenersOf(this.#supervisor.settings);
    const open = this.#listeners?.all ?? [];
    return open.map(({ address, scheduling }, index) => {
      const listener = settings[index] ?? this.#settings;
      return { ...address, scheme: schemeOf(listener), scheduling };
    });
  }

  #status(): StatusSources {
    return {
      supervisor: this.#supervisor,
      workers: this.#herd.workers,
      listening: this.#listening(),
      startedAt: this.#startedAt,
      now: this.#clock.now(),
      requestCountOf: (id) => this.#ledger.requestCountOf(id),
    };
  }

  #metrics(): MetricSources {
    const cpuSeconds = new Map(this.#retiredCpu);
    for (const { slot, cpuSeconds: live } of this.#herd.workers) {
      cpuSeconds.set(slot, (cpuSeconds.get(slot) ?? 0) + live);
    }
    return {
      totals: this.#ledger.totals(),
      counters: this.#counters,
      dispatcher: this.#dispatcher.counts,
      workers: this.#herd.workers,
      workersWanted: this.#supervisor.target,
      cpuSeconds,
      isDegraded: this.#supervisor.degraded !== undefined,
      version: packageVersion(),
      now: this.#clock.now(),
    };
  }
}
