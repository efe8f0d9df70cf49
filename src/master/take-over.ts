import type { MasterPages } from "./admin/master-pages.ts";
import type { MasterPorts } from "./admin/master-ports.ts";
import type { Announcement } from "./announcement.ts";
import type { ServiceManager } from "./host/service-manager.ts";
import type { ListenerSet } from "./sockets/listener-set.ts";
import type { CommandLoop } from "./supervisor/command-loop.ts";
import type { WorkerPool } from "./supervisor/workers/worker-pool.ts";
import type { IncomingEvent } from "./upgrade/incoming-master.ts";
import type { OutgoingChannel } from "./upgrade/outgoing-channel.ts";

export interface TakeOverParts {
  readonly loop: CommandLoop;
  readonly pool: WorkerPool;
  readonly listeners: ListenerSet;
  readonly ports: MasterPorts;
  readonly pages: MasterPages;
  readonly announcement: Announcement;
  readonly serviceManager: ServiceManager;
  readonly outgoing: OutgoingChannel | undefined;
}

/** The steps of an incoming master. Each ends with a command. */
export class TakeOver {
  readonly #parts: TakeOverParts;
  readonly #pending = new Set<Promise<void>>();

  constructor(parts: TakeOverParts) {
    this.#parts = parts;
  }

  acceptClients(): void {
    const { listeners, pool } = this.#parts;
    try {
      listeners.accept();
      for (const worker of pool.workers) worker.send({ type: "accept" });
      listeners.onWorkerAccepts();
      this.#enqueue({ type: "clientsAccepted" });
    } catch (error) {
      this.#enqueue({ type: "acceptFailed", error: error as Error });
    }
  }

  /**
   * Opens the ports; the admin port holds answers until the effect
   * "answerAdmin".
   */
  openPorts(): void {
    this.#track(
      this.#openPorts().then(
        () => this.#enqueue({ type: "portsOpened" }),
        (error) => this.#enqueue({ type: "portsFailed", error }),
      ),
    );
  }

  announce(): void {
    this.#track(
      this.#announce().then(
        () => this.#enqueue({ type: "announced" }),
        (error) => this.#enqueue({ type: "announceFailed", error }),
      ),
    );
  }

  /** Resolves when no step is in progress. */
  async whenIdle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #openPorts(): Promise<void> {
    const { ports, pages, outgoing } = this.#parts;
    const sockets = outgoing?.sockets ?? new Map();
    await ports.open(sockets, pages.servedOver("admin port"));
    ports.hold();
  }

  async #announce(): Promise<void> {
    const { announcement, serviceManager } = this.#parts;
    announcement.writePidFile();
    await announcement.openControlSocket();
    await serviceManager.becomeMain();
  }

  #enqueue(event: IncomingEvent): void {
    this.#parts.loop.enqueue({ type: "takeOver", event });
  }

  #track(step: Promise<void>): void {
    const pending = step.finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }
}
