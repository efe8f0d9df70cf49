/**
 * How a new master takes over from the one before.
 *
 *   starting ─► ready ─► taking ─► master
 *
 * - starting: its workers get ready; nobody is accepted;
 * - ready: clients are accepted, and the predecessor has been told so;
 * - taking: it has the counters and listens on the admin port, but answers
 *   nothing until the predecessor has let go;
 * - master: whatever happens to the predecessor, this is the master.
 *
 * Where the predecessor dies, this one goes on without it.
 */
import type { RawHandle } from "../../shared/ipc-messages.ts";
import type { Logger } from "../../shared/logger.ts";
import type { HandoverTotals } from "../../shared/metrics/handover-totals.ts";
import type { ToSuccessor } from "../../shared/upgrade-messages.ts";
import type { Predecessor } from "./outgoing-master.ts";
import type { UpgradeOutcome } from "./upgrade-outcome.ts";

type SuccessionState = "starting" | "ready" | "taking" | "master";

const MOVES: Readonly<Record<SuccessionState, readonly SuccessionState[]>> = {
  starting: ["ready", "master"],
  ready: ["taking", "master"],
  taking: ["master"],
  master: [],
};

/** What the take-over means for the parts of the master. */
export interface SuccessionHooks {
  /** Clients are accepted from now on. */
  accept(): void;
  /** The admin port is listened on, and answers nobody yet. */
  openPorts(): Promise<void>;
  /** This is the master: answers, and tells the world. */
  becomeMaster(): Promise<void>;
  /** What the masters before have counted by now. */
  record(totals: HandoverTotals): void;
  /** A client that the predecessor has accepted, and nobody has taken. */
  adopt(handle: RawHandle, listener: string): void;
  /** The upgrade has failed. */
  leave(): void;
}

export interface SuccessionParts {
  readonly predecessor: Predecessor;
  readonly logger: Logger;
  readonly hooks: SuccessionHooks;
}

export class Succession {
  readonly #parts: SuccessionParts;
  #state: SuccessionState = "starting";
  #hasStarted = false;
  #outcome: UpgradeOutcome | undefined;

  constructor(parts: SuccessionParts) {
    this.#parts = parts;
    parts.predecessor.listen({
      onMessage: (message, handle) => {
        this.#hear(message, handle).catch((error) => this.#fail(error));
      },
      onGone: () => this.#onGone().catch((error) => this.#fail(error)),
    });
  }

  /** Whether this is the master, or there is none any more but this one. */
  get isMaster(): boolean {
    return this.#state === "master" || !this.#parts.predecessor.isThere;
  }

  /** Whether clients may be accepted. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Of the upgrade that has brought this master, once it has. */
  get outcome(): UpgradeOutcome | undefined {
    return this.#outcome;
  }

  /** The pid of the predecessor, while it has not left. */
  get predecessorPid(): number | undefined {
    const { isThere, pid } = this.#parts.predecessor;
    return isThere ? pid : undefined;
  }

  /**
   * All workers are ready.
   *
   * @param sockets names of those with which it goes on
   */
  onStarted(sockets: readonly string[]): void {
    const { predecessor, hooks } = this.#parts;
    this.#hasStarted = true;
    hooks.accept();
    if (predecessor.isThere) {
      this.#move("ready");
      predecessor.tell({ type: "ready", sockets: [...sockets] });
    } else this.#becomeMaster().catch((error) => this.#fail(error));
  }

  /** Which workers there are. */
  onWorkers(pids: readonly number[]): void {
    const { predecessor } = this.#parts;
    if (!this.isMaster) predecessor.tell({ type: "workers", pids: [...pids] });
  }

  async #hear(
    message: ToSuccessor,
    handle: RawHandle | undefined,
  ): Promise<void> {
    const { predecessor, hooks } = this.#parts;
    switch (message.type) {
      case "welcome":
        break;
      case "takeOver":
        hooks.record(message.totals);
        this.#move("taking");
        await hooks.openPorts();
        predecessor.tell({ type: "taken" });
        break;
      case "released":
        hooks.record(message.totals);
        await this.#becomeMaster();
        predecessor.tell({ type: "settled" });
        break;
      case "counted":
        hooks.record(message.totals);
        break;
      case "connection":
        // Without a handle the client had gone before it got here.
        if (handle) hooks.adopt(handle, message.listener);
        break;
      case "abort":
        if (this.#state !== "master") hooks.leave();
        break;
      default:
        message satisfies never;
    }
  }

  async #onGone(): Promise<void> {
    const { logger } = this.#parts;
    if (this.#state === "master") {
      logger.info("the old master has left");
      return;
    }
    logger.warn("the old master died; this one takes over without its counts");
    if (this.#hasStarted) await this.#becomeMaster();
  }

  async #becomeMaster(): Promise<void> {
    const { hooks } = this.#parts;
    const hasAdmin = this.#state === "taking";
    this.#move("master");
    const at = new Date().toISOString();
    this.#outcome = { result: "success", pid: process.pid, at };
    if (!hasAdmin) await hooks.openPorts();
    await hooks.becomeMaster();
  }

  #fail(error: Error): void {
    const { logger, predecessor, hooks } = this.#parts;
    if (this.#state === "master") {
      logger.error({ err: error }, "the take-over is not complete");
      return;
    }
    predecessor.disappoint(error);
    hooks.leave();
  }

  #move(state: SuccessionState): void {
    if (!MOVES[this.#state].includes(state)) {
      throw new Error(`a successor cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
  }
}
