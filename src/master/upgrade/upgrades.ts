/**
 * Upgrades of the master, in the one that gives way: starts the next one, hands
 * over to it once it is ready, and goes on as if nothing had happened where it
 * does not get that far.
 */
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type FromSuccessor,
  UPGRADE_PROTOCOL,
} from "../../shared/upgrade-messages.ts";
import { killAll } from "./kill-all.ts";
import type { Successor, SuccessorEvent } from "./successor-process.ts";
import type { UpgradeOutcome } from "./upgrade-outcome.ts";
import type { UpgradeParts, UpgradeWish } from "./upgrade-parts.ts";
import { canMove, type UpgradeState } from "./upgrade-state.ts";

const COUNT_INTERVAL_MS = 1_000;
/** What the new master still has to tell the world takes no longer. */
const SETTLE_TIMEOUT_MS = 5_000;

/** One that is under way, or whose successor has not left yet. */
interface Attempt {
  readonly wish: UpgradeWish;
  readonly successor: Successor;
  readonly startedAt: number;
  /** When something is to be done about the state that it is in. */
  dueAt: number;
  workers: readonly number[];
  /** What it goes on with, by name. */
  sockets: ReadonlySet<string>;
  /** Whether it may have clients, who must not be cut off. */
  hasAccepted: boolean;
  isSettled: boolean;
  countedAt: number;
}

export class Upgrades {
  readonly #parts: UpgradeParts;
  #state: UpgradeState = "idle";
  #attempt: Attempt | undefined;
  #last: UpgradeOutcome | undefined;
  #waiting: ((outcome: UpgradeOutcome) => void)[] = [];

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
  }

  get state(): UpgradeState {
    return this.#state;
  }

  get last(): UpgradeOutcome | undefined {
    return this.#last;
  }

  /** Whether the new master may still fail. */
  get isUnderWay(): boolean {
    return this.#state === "starting" || this.#state === "handingOver";
  }

  /** Whether there is another master now: this one drains and leaves. */
  get hasReleased(): boolean {
    return this.#state === "released";
  }

  /** By name, the sockets with which the new master goes on. */
  get handedOver(): ReadonlySet<string> {
    return (this.hasReleased && this.#attempt?.sockets) || new Set();
  }

  /** Not before the world knows the new one. */
  get mayLeave(): boolean {
    const attempt = this.#attempt;
    if (!attempt || !this.hasReleased || attempt.isSettled) return true;
    return this.#parts.clock.now() >= attempt.dueAt;
  }

  /** To the new master; false where there is none. */
  pass(handle: RawHandle, listener: string): boolean {
    if (!this.hasReleased || !this.#attempt) return false;
    return this.#attempt.successor.pass(handle, listener);
  }

  /** Resolves when the upgrade that is under way, or the next one, ends. */
  whenEnded(): Promise<UpgradeOutcome> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Another one is not begun while it is not over. */
  refuse(error: string): void {
    const { logger, counters } = this.#parts;
    logger.error(`upgrade refused: ${error}`);
    counters.count("upgrades", "refused");
    const outcome = { result: "refused", error } as const;
    // The outcome of one that is under way is what is waited for.
    if (this.isUnderWay) return;
    this.#remember(outcome);
  }

  begin(wish: UpgradeWish): void {
    const { logger, clock, hooks, start, enqueue } = this.#parts;
    logger.info("upgrading");
    let successor: Successor;
    try {
      successor = start(hooks.sockets(), enqueue);
    } catch (error) {
      this.#recordFailure((error as Error).message);
      return;
    }
    this.#move("starting");
    const now = clock.now();
    this.#attempt = {
      wish,
      successor,
      startedAt: now,
      dueAt: now + wish.timeoutMs,
      workers: [],
      sockets: new Set(),
      hasAccepted: false,
      isSettled: false,
      countedAt: now,
    };
  }

  handle(event: SuccessorEvent): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    switch (event.type) {
      case "said":
        this.#hear(event.message, attempt);
        break;
      case "broken":
        if (this.isUnderWay) this.#fail(event.error, attempt);
        break;
      case "gone":
        this.#onGone(event.how, attempt);
        break;
      default:
        event satisfies never;
    }
  }

  /** Time has passed. */
  tick(): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    const now = this.#parts.clock.now();
    if (this.hasReleased) {
      if (now - attempt.countedAt < COUNT_INTERVAL_MS) return;
      attempt.countedAt = now;
      this.#tellTotals("counted", attempt);
    } else if (now < attempt.dueAt) return;
    else if (this.#state === "aborting") attempt.successor.kill();
    else {
      const { timeoutMs } = attempt.wish;
      this.#fail(`it had not taken over after ${timeoutMs} ms`, attempt);
    }
  }

  /** What is under way comes to nothing, for a reason of this master's. */
  abandon(why: string): void {
    if (this.#attempt && this.isUnderWay) this.#fail(why, this.#attempt);
  }

  /** This master leaves: tells its successor the last numbers. */
  async close(): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt) return;
    if (this.hasReleased) await this.#tellTotals("counted", attempt);
    attempt.successor.forget();
  }

  // --- what the successor says

  #hear(message: FromSuccessor, attempt: Attempt): void {
    switch (message.type) {
      case "hello":
        this.#onHello(message.protocol, attempt);
        break;
      case "workers":
        attempt.workers = message.pids;
        break;
      case "failed":
        if (this.isUnderWay) this.#fail(message.message, attempt);
        break;
      case "ready":
        if (this.#state === "starting") this.#handOver(message, attempt);
        break;
      case "taken":
        if (this.#state === "handingOver") this.#release(attempt);
        break;
      case "settled":
        attempt.isSettled = true;
        this.#parts.hooks.onSettled();
        break;
      default:
        message satisfies never;
    }
  }

  #onHello(protocol: number, attempt: Attempt): void {
    if (this.#state !== "starting") return;
    if (protocol !== UPGRADE_PROTOCOL) {
      const known = `this master knows ${UPGRADE_PROTOCOL} only`;
      this.#fail(`it takes over by protocol ${protocol}; ${known}`, attempt);
      return;
    }
    const { generation, workers, inForce } = attempt.wish;
    const ticketKeys = this.#parts.hooks.ticketKeys();
    const welcome = { generation, workers, ticketKeys, inForce };
    attempt.successor.tell({ type: "welcome", ...welcome });
  }

  #handOver(
    { sockets }: Extract<FromSuccessor, { type: "ready" }>,
    attempt: Attempt,
  ): void {
    this.#move("handingOver");
    attempt.sockets = new Set(sockets);
    attempt.hasAccepted = true;
    this.#parts.hooks.holdAnswers();
    this.#tellTotals("takeOver", attempt);
  }

  #release(attempt: Attempt): void {
    const { logger, clock, counters } = this.#parts;
    const now = clock.now();
    this.#move("released");
    attempt.dueAt = now + SETTLE_TIMEOUT_MS;
    counters.count("upgrades", "success");
    this.#tellTotals("released", attempt);
    const { pid } = attempt.successor;
    const seconds = (now - attempt.startedAt) / 1000;
    logger.info({ successorPid: pid, seconds }, "upgraded");
    this.#remember({ result: "success", pid });
  }

  #tellTotals(
    type: "takeOver" | "released" | "counted",
    { successor }: Attempt,
  ): Promise<void> {
    return successor.tell({ type, totals: this.#parts.hooks.totals() });
  }

  // --- where it fails

  #onGone(how: string, attempt: Attempt): void {
    if (this.hasReleased) {
      // It was the master: who restarts a master is not this one.
      attempt.isSettled = true;
      return;
    }
    if (this.isUnderWay) {
      this.#fail(`${how} before it had taken over`, attempt);
    }
    // Those that have clients leave by themselves, when they are done.
    if (!attempt.hasAccepted) killAll(attempt.workers);
    this.#attempt = undefined;
    this.#move("idle");
  }

  #fail(error: string, attempt: Attempt): void {
    const { clock, hooks } = this.#parts;
    const { successor, wish } = attempt;
    this.#move("aborting");
    attempt.dueAt = clock.now() + wish.abortTimeoutMs;
    if (attempt.hasAccepted) successor.tell({ type: "abort" });
    else {
      successor.kill();
      killAll(attempt.workers);
    }
    hooks.resumeAnswers();
    this.#recordFailure(error, successor.pid);
  }

  #recordFailure(error: string, pid?: number): void {
    const { logger, counters } = this.#parts;
    const fields = { error, ...(pid && { successorPid: pid }) };
    logger.error(fields, "upgrade failed; this master goes on");
    counters.count("upgrades", "failure");
    this.#remember({ result: "failure", error, ...(pid && { pid }) });
  }

  // --- small parts

  #move(state: UpgradeState): void {
    if (!canMove(this.#state, state)) {
      throw new Error(`an upgrade cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
  }

  #remember(outcome: Omit<UpgradeOutcome, "at">): void {
    this.#last = { ...outcome, at: new Date().toISOString() };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#last);
  }
}
