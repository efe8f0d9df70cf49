/**
 * An upgrade as the outgoing master sees it. Pure: events in, effects out.
 *
 *   idle ─► starting ─► handingOver ─► released ─► settled
 *    ▲        │              │
 *    └─ aborting ◄───────────┘
 *
 * - starting: the incoming master starts;
 * - handingOver: it has the counters, and neither of the two answers scrapes;
 * - released: it is the master now, and this one drains;
 * - settled: the new master is announced, so this one may exit;
 * - aborting: the upgrade failed, and the incoming master has not exited.
 *
 * An incoming master that cannot be spawned leads from starting back to idle.
 */
import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { Counters } from "../../shared/metrics/counters.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import {
  type FromIncoming,
  type InForce,
  type ToIncoming,
  UPGRADE_PROTOCOL,
} from "../../shared/upgrade-messages.ts";
import type { UpgradeOutcome } from "./upgrade-outcome.ts";

export type OutgoingState =
  | "idle"
  | "starting"
  | "handingOver"
  | "released"
  | "settled"
  | "aborting";

const TABLE: TransitionTable<OutgoingState> = {
  idle: ["starting"],
  starting: ["handingOver", "aborting", "idle"],
  handingOver: ["released", "aborting"],
  released: ["settled"],
  settled: [],
  aborting: ["idle"],
};

/** Events of the incoming master's process. */
export type OutgoingEvent =
  | { readonly type: "spawned"; readonly pid: number }
  | { readonly type: "notSpawned"; readonly error: string }
  | { readonly type: "message"; readonly message: FromIncoming }
  /** A message was not understood, or the process could not be started. */
  | { readonly type: "broken"; readonly error: string }
  /** The process has exited, and all its messages were delivered. */
  | { readonly type: "gone"; readonly how: string };

type Welcome = Extract<ToIncoming, { type: "welcome" }>;

export type OutgoingEffect =
  | { readonly type: "spawnIncoming" }
  /** Keys of TLS tickets, and a span, are added when it is performed. */
  | {
      readonly type: "welcomeIncoming";
      readonly welcome: Omit<Welcome, "type" | "ticketKeys" | "span">;
    }
  | {
      readonly type: "sendTotals";
      readonly as: "takeOver" | "released" | "counted";
    }
  | { readonly type: "abortIncoming" }
  | { readonly type: "killIncoming" }
  /** Workers of the incoming master, which serve no client. */
  | { readonly type: "killProcesses"; readonly pids: readonly number[] }
  | { readonly type: "holdAdmin" }
  | { readonly type: "answerAdmin" }
  /** Closed because commands must not find two masters. */
  | { readonly type: "closeControlSocket" };

export interface UpgradeRequest {
  /** The newest generation so far. */
  readonly generation: number;
  /** Target number of workers. */
  readonly workers: number;
  /** Settings that the incoming master must not drop silently. */
  readonly inForce: InForce;
  /** Limit on the time from its start until it takes over. */
  readonly timeoutMs: number;
  /** Limit on its drain after a failure, if it has accepted clients. */
  readonly abortTimeoutMs: number;
}

/** An upgrade in progress, or one whose incoming master has not exited yet. */
interface Attempt {
  readonly request: UpgradeRequest;
  readonly startedAt: number;
  pid: number | undefined;
  /** Time at which the state is left by force. */
  dueAt: number;
  countedAt: number;
  /** Pids of its workers; undefined once they may have clients. */
  idleWorkers: readonly number[] | undefined;
  /** Names of the sockets that it keeps. */
  sockets: ReadonlySet<string>;
}

export interface OutgoingParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

const COUNT_INTERVAL_MS = 1_000;
/** Limit on the announcement of the incoming master. */
const SETTLE_TIMEOUT_MS = 5_000;

export class OutgoingMaster {
  readonly #parts: OutgoingParts;
  #state: OutgoingState = "idle";
  #attempt: Attempt | undefined;
  #last: UpgradeOutcome | undefined;
  #waiting: ((outcome: UpgradeOutcome) => void)[] = [];

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  get state(): OutgoingState {
    return this.#state;
  }

  /** Outcome of the last requested upgrade. */
  get last(): UpgradeOutcome | undefined {
    return this.#last;
  }

  /** Whether the incoming master may still fail. */
  get isUnderWay(): boolean {
    return this.#state === "starting" || this.#state === "handingOver";
  }

  /** Whether another master has taken over: this one drains and exits. */
  get hasReleased(): boolean {
    return this.#state === "released" || this.#state === "settled";
  }

  /** Names of the sockets that the new master keeps. */
  get handedOver(): ReadonlySet<string> {
    return (this.hasReleased && this.#attempt?.sockets) || new Set();
  }

  /** False until the new master is announced. */
  get mayLeave(): boolean {
    if (this.#state !== "released" || !this.#attempt) return true;
    return this.#parts.clock.now() >= this.#attempt.dueAt;
  }

  /** Resolves when the upgrade in progress, or the next one, ends. */
  whenEnded(): Promise<UpgradeOutcome> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  refuse(error: string): void {
    const { logger, counters } = this.#parts;
    logger.error(`upgrade refused: ${error}`);
    counters.count("upgrades", "refused");
    // Callers wait for the outcome of the upgrade in progress.
    if (this.isUnderWay) return;
    this.#remember({ result: "refused", error });
  }

  begin(request: UpgradeRequest): readonly OutgoingEffect[] {
    const { logger, clock } = this.#parts;
    this.#move("starting");
    logger.info("upgrading");
    const now = clock.now();
    this.#attempt = {
      request,
      startedAt: now,
      pid: undefined,
      dueAt: now + request.timeoutMs,
      countedAt: now,
      idleWorkers: [],
      sockets: new Set(),
    };
    return [{ type: "spawnIncoming" }];
  }

  handle(event: OutgoingEvent): readonly OutgoingEffect[] {
    const attempt = this.#attempt;
    if (!attempt) return [];
    switch (event.type) {
      case "spawned":
        attempt.pid = event.pid;
        return [];
      case "notSpawned":
        this.#end();
        this.#recordFailure(event.error);
        return [];
      case "message":
        return this.#onMessage(event.message, attempt);
      case "broken":
        return this.isUnderWay ? this.#fail(event.error, attempt) : [];
      case "gone":
        return this.#onGone(event.how, attempt);
      default:
        return event satisfies never;
    }
  }

  /** Checks deadlines and sends totals. */
  tick(): readonly OutgoingEffect[] {
    const attempt = this.#attempt;
    if (!attempt) return [];
    const now = this.#parts.clock.now();
    if (this.hasReleased) {
      if (now - attempt.countedAt < COUNT_INTERVAL_MS) return [];
      attempt.countedAt = now;
      return [{ type: "sendTotals", as: "counted" }];
    }
    if (now < attempt.dueAt) return [];
    if (this.#state === "aborting") return [{ type: "killIncoming" }];
    const { timeoutMs } = attempt.request;
    return this.#fail(`it had not taken over after ${timeoutMs} ms`, attempt);
  }

  /** Ends an upgrade in progress, for a reason of this master. */
  abandon(why: string): readonly OutgoingEffect[] {
    if (!this.#attempt || !this.isUnderWay) return [];
    return this.#fail(why, this.#attempt);
  }

  #onMessage(
    message: FromIncoming,
    attempt: Attempt,
  ): readonly OutgoingEffect[] {
    switch (message.type) {
      case "hello":
        return this.#onHello(message.protocol, attempt);
      case "workers":
        if (attempt.idleWorkers) attempt.idleWorkers = message.pids;
        return [];
      case "failed":
        return this.isUnderWay ? this.#fail(message.message, attempt) : [];
      case "ready":
        if (this.#state !== "starting") return [];
        this.#move("handingOver");
        attempt.sockets = new Set(message.sockets);
        attempt.idleWorkers = undefined;
        return [{ type: "holdAdmin" }, { type: "sendTotals", as: "takeOver" }];
      case "taken":
        return this.#state === "handingOver" ? this.#release(attempt) : [];
      case "settled":
        if (this.#state === "released") this.#move("settled");
        return [{ type: "closeControlSocket" }];
      default:
        return message satisfies never;
    }
  }

  #onHello(protocol: number, attempt: Attempt): readonly OutgoingEffect[] {
    if (this.#state !== "starting") return [];
    if (protocol !== UPGRADE_PROTOCOL) {
      const known = `this master knows ${UPGRADE_PROTOCOL} only`;
      const error = `it takes over by protocol ${protocol}; ${known}`;
      return this.#fail(error, attempt);
    }
    const { generation, workers, inForce } = attempt.request;
    const welcome = { generation, workers, inForce };
    return [{ type: "welcomeIncoming", welcome }];
  }

  #release(attempt: Attempt): readonly OutgoingEffect[] {
    const { logger, clock, counters } = this.#parts;
    const now = clock.now();
    this.#move("released");
    attempt.dueAt = now + SETTLE_TIMEOUT_MS;
    counters.count("upgrades", "success");
    const { pid } = attempt;
    const seconds = (now - attempt.startedAt) / 1000;
    logger.info({ successorPid: pid, seconds }, "upgraded");
    this.#remember({ result: "success", ...(pid && { pid }) });
    return [{ type: "sendTotals", as: "released" }];
  }

  #onGone(how: string, attempt: Attempt): readonly OutgoingEffect[] {
    if (this.hasReleased) {
      // A restart is up to the service manager.
      if (this.#state === "released") this.#move("settled");
      return [];
    }
    const failure = this.isUnderWay
      ? this.#fail(`${how} before it had taken over`, attempt)
      : [];
    this.#end();
    return [...failure, ...killWorkers(attempt)];
  }

  #fail(error: string, attempt: Attempt): readonly OutgoingEffect[] {
    const { clock } = this.#parts;
    this.#move("aborting");
    attempt.dueAt = clock.now() + attempt.request.abortTimeoutMs;
    this.#recordFailure(error, attempt.pid);
    // Workers with clients exit by themselves, when these are served.
    const end: readonly OutgoingEffect[] = attempt.idleWorkers
      ? [{ type: "killIncoming" }, ...killWorkers(attempt)]
      : [{ type: "abortIncoming" }];
    return [...end, { type: "answerAdmin" }];
  }

  #end(): void {
    this.#move("idle");
    this.#attempt = undefined;
  }

  #recordFailure(error: string, pid?: number): void {
    const { logger, counters } = this.#parts;
    const fields = { error, ...(pid && { successorPid: pid }) };
    logger.error(fields, "upgrade failed; this master goes on");
    counters.count("upgrades", "failure");
    this.#remember({ result: "failure", error, ...(pid && { pid }) });
  }

  #remember(outcome: Omit<UpgradeOutcome, "at">): void {
    this.#last = { ...outcome, at: new Date().toISOString() };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#last);
  }

  #move(to: OutgoingState): void {
    this.#state = transition(TABLE, this.#state, to);
  }
}

function killWorkers({ idleWorkers: pids = [] }: Attempt): OutgoingEffect[] {
  return pids.length > 0 ? [{ type: "killProcesses", pids }] : [];
}
