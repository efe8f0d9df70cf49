/**
 * An upgrade as the incoming master sees it. Pure: events in, effects out.
 *
 *   starting ─► accepting ─► ready ─► openingPorts ─► portsOpen
 *      │         ▲      │      │            │             │
 *      ▼         │      ▼      ▼            ▼             ▼
 *    alone ──────┘      └──► claiming ◄─────┘         announcing ─► master
 *                               └─────────────────────────▲
 *
 * - starting: the workers start; no client is accepted;
 * - accepting: the workers are ready, and begin to accept clients;
 * - ready: clients are accepted, and the outgoing master knows this;
 * - openingPorts: this master has the counters and opens the admin port, which
 *   holds its answers;
 * - portsOpen: the outgoing master knows this, and may release;
 * - alone: the outgoing master died before the workers were ready;
 * - claiming: the outgoing master died, and the admin port is being opened;
 * - announcing: this is the master; the admin port answers, and the pid file,
 *   the control socket and the service manager follow;
 * - master: all of these point to this master.
 *
 * `failed` follows the states in which the outgoing master can continue.
 */
import type { RawHandle } from "../../shared/ipc-messages.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { HandoverTotals } from "../../shared/metrics/handover-totals.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type {
  FromIncoming,
  ToIncoming,
} from "../../shared/upgrade-messages.ts";
import type { UpgradeOutcome } from "./upgrade-outcome.ts";

export type IncomingState =
  | "starting"
  | "accepting"
  | "ready"
  | "openingPorts"
  | "portsOpen"
  | "alone"
  | "claiming"
  | "announcing"
  | "master"
  | "failed";

const TABLE: TransitionTable<IncomingState> = {
  starting: ["accepting", "alone", "failed"],
  accepting: ["ready", "claiming", "failed"],
  ready: ["openingPorts", "claiming", "failed"],
  openingPorts: ["portsOpen", "claiming", "failed"],
  portsOpen: ["announcing", "failed"],
  alone: ["accepting"],
  claiming: ["announcing"],
  announcing: ["master"],
  master: [],
  failed: [],
};

export type IncomingEvent =
  /** `handle` comes with a message of type "connection". */
  | {
      readonly type: "message";
      readonly message: ToIncoming;
      readonly handle: RawHandle | undefined;
    }
  /** The outgoing master has exited or died. */
  | { readonly type: "outgoingGone" }
  | { readonly type: "workersChanged"; readonly pids: readonly number[] }
  /** All workers are ready. */
  | { readonly type: "workersReady" }
  | { readonly type: "clientsAccepted" }
  | { readonly type: "acceptFailed"; readonly error: Error }
  | { readonly type: "portsOpened" }
  | { readonly type: "portsFailed"; readonly error: Error }
  | { readonly type: "announced" }
  | { readonly type: "announceFailed"; readonly error: Error };

export type IncomingEffect =
  | { readonly type: "acceptClients" }
  /** Reports to the outgoing master, with the names of the sockets in use. */
  | { readonly type: "reportReady" }
  | { readonly type: "tellOutgoing"; readonly message: FromIncoming }
  /** Opens the admin and agent-check ports; admin answers are held. */
  | { readonly type: "openPorts" }
  | { readonly type: "answerAdmin" }
  /** Points the pid file, control socket and service manager to this master. */
  | { readonly type: "announce" }
  | { readonly type: "recordInherited"; readonly totals: HandoverTotals }
  | {
      readonly type: "adoptConnection";
      readonly handle: RawHandle;
      readonly listener: string;
    };

export class IncomingMaster {
  readonly #logger: Logger;
  #state: IncomingState = "starting";
  #outgoingPid: number | undefined;
  #outcome: UpgradeOutcome | undefined;

  constructor(logger: Logger, outgoingPid: number) {
    this.#logger = logger;
    this.#outgoingPid = outgoingPid;
  }

  get state(): IncomingState {
    return this.#state;
  }

  /** Whether this is the master, or no other master is left. */
  get isMaster(): boolean {
    if (this.#outgoingPid === undefined) return true;
    return this.#state === "announcing" || this.#state === "master";
  }

  /** Whether workers may accept clients. */
  get mayAccept(): boolean {
    return this.#state !== "starting" && this.#state !== "alone";
  }

  /** Outcome of the upgrade that started this master, once it succeeded. */
  get outcome(): UpgradeOutcome | undefined {
    return this.#outcome;
  }

  /** Pid of the outgoing master until it has exited. */
  get outgoingPid(): number | undefined {
    return this.#outgoingPid;
  }

  /** @throws Error if the state does not allow the event */
  handle(event: IncomingEvent): readonly IncomingEffect[] {
    switch (event.type) {
      case "message":
        return this.#onMessage(event.message, event.handle);
      case "outgoingGone":
        return this.#onOutgoingGone();
      case "workersChanged":
        if (this.isMaster) return [];
        return [tell({ type: "workers", pids: [...event.pids] })];
      case "workersReady":
        this.#move("accepting");
        return [{ type: "acceptClients" }];
      case "clientsAccepted":
        return this.#onClientsAccepted();
      case "acceptFailed":
        if (!this.isMaster) return this.#fail(event.error.message);
        this.#logIncomplete(event.error);
        return this.#onClientsAccepted();
      case "portsOpened":
        return this.#onPortsOpened();
      case "portsFailed":
        return this.#onPortsFailed(event.error);
      case "announced":
        this.#move("master");
        return [tell({ type: "settled" })];
      case "announceFailed":
        this.#move("master");
        this.#logIncomplete(event.error);
        return [];
      default:
        return event satisfies never;
    }
  }

  #onMessage(
    message: ToIncoming,
    handle: RawHandle | undefined,
  ): readonly IncomingEffect[] {
    switch (message.type) {
      case "welcome":
        return []; // the answer to "hello", before there were workers
      case "takeOver":
        if (this.#state !== "ready") {
          return this.#fail(`"takeOver" came in the state "${this.#state}"`);
        }
        this.#move("openingPorts");
        return [record(message.totals), { type: "openPorts" }];
      case "released":
        return [record(message.totals), ...this.#takeCharge()];
      case "counted":
        return [record(message.totals)];
      case "connection": {
        // Without a handle, the client has disconnected in transit.
        if (!handle) return [];
        const { listener } = message;
        return [{ type: "adoptConnection", handle, listener }];
      }
      case "abort":
        if (!this.isMaster) this.#move("failed");
        return [];
      default:
        return message satisfies never;
    }
  }

  #onOutgoingGone(): readonly IncomingEffect[] {
    this.#outgoingPid = undefined;
    switch (this.#state) {
      case "announcing":
      case "master":
        this.#logger.info("the old master has left");
        return [];
      case "failed":
        return [];
      default:
        this.#logger.warn(
          "the old master died; this one takes over without its counts",
        );
        return this.#takeCharge();
    }
  }

  /** Takes over after the outgoing master has released the server or died. */
  #takeCharge(): readonly IncomingEffect[] {
    switch (this.#state) {
      case "starting":
        this.#move("alone");
        return [];
      case "ready":
        this.#move("claiming");
        return [{ type: "openPorts" }];
      case "openingPorts":
        this.#move("claiming");
        return []; // "portsOpened" continues from here
      case "alone":
      case "accepting": // "clientsAccepted" continues from here
      case "claiming":
        return [];
      default:
        return this.#becomeMaster();
    }
  }

  #onClientsAccepted(): readonly IncomingEffect[] {
    if (this.#state === "failed") return [];
    if (this.isMaster) {
      this.#move("claiming");
      return [{ type: "openPorts" }];
    }
    this.#move("ready");
    return [{ type: "reportReady" }];
  }

  #onPortsOpened(): readonly IncomingEffect[] {
    if (this.#state === "failed") return [];
    if (this.#state === "claiming") return this.#becomeMaster();
    this.#move("portsOpen");
    return [tell({ type: "taken" })];
  }

  #onPortsFailed(error: Error): readonly IncomingEffect[] {
    if (this.#state === "failed") return [];
    if (this.#state !== "claiming") return this.#fail(error.message);
    // No other master is left, so this one serves even without an admin port.
    this.#logIncomplete(error);
    return this.#becomeMaster();
  }

  #becomeMaster(): readonly IncomingEffect[] {
    this.#move("announcing");
    const at = new Date().toISOString();
    this.#outcome = { result: "success", pid: process.pid, at };
    return [{ type: "answerAdmin" }, { type: "announce" }];
  }

  #fail(message: string): readonly IncomingEffect[] {
    this.#move("failed");
    return [tell({ type: "failed", message })];
  }

  #logIncomplete(error: Error): void {
    this.#logger.error({ err: error }, "the take-over is not complete");
  }

  #move(to: IncomingState): void {
    this.#state = transition(TABLE, this.#state, to);
  }
}

function tell(message: FromIncoming): IncomingEffect {
  return { type: "tellOutgoing", message };
}

function record(totals: HandoverTotals): IncomingEffect {
  return { type: "recordInherited", totals };
}
