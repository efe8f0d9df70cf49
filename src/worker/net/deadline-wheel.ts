/**
 * Deadlines for many connections with one timer. A deadline that moves to
 * later, as it does with every request, is only a number that changed: the
 * wheel finds out when it gets there, and files the connection anew.
 */
import type { Clock } from "../../shared/clock.ts";

/** Something with a deadline; `Infinity` is none. */
export interface DeadlineHolder {
  readonly deadlineAt: number;
  /** Where the wheel has filed it: the wheel's own; `UNFILED` at first. */
  wheelTurn: number;
  onDeadlinePassed(now: number): void;
}

/** Later than every turn, and yet a small integer: V8 boxes an infinity. */
export const UNFILED = 0x7fff_ffff;

/** How late a deadline may be noticed. */
export const TICK_MS = 250;
const SLOTS = 512;
/** Where very many are due at once, others get their turn in between. */
const SLICE_MS = 1;

export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #slots = Array.from({ length: SLOTS }, () => {
    return new Set<DeadlineHolder>();
  });
  #size = 0;
  #turn: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turn = Math.floor(clock.now() / TICK_MS);
  }

  /** How many holders are filed. */
  get size(): number {
    return this.#size;
  }

  /**
   * Files a holder, or files it anew when its deadline moved to earlier. A
   * later one is seen by itself.
   */
  file(holder: DeadlineHolder): void {
    if (!this.#timer) this.#start();
    const wanted = this.#turnFor(holder.deadlineAt);
    if (holder.wheelTurn <= wanted) return;
    this.#take(holder);
    this.#put(holder, wanted);
  }

  remove(holder: DeadlineHolder): void {
    this.#take(holder);
    if (this.#size === 0) this.stop();
  }

  /** Runs all turns that are due by the clock. */
  advance(): void {
    const now = this.#clock.now();
    const due = Math.floor(now / TICK_MS);
    // After a pause longer than the wheel, once around sees every holder.
    this.#turn = Math.max(this.#turn, due - SLOTS);
    while (this.#turn < due) {
      this.#turn++;
      this.#run(this.#slot(this.#turn), now);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #run(slot: Set<DeadlineHolder>, startedAt: number): void {
    for (const holder of [...slot]) {
      if (!slot.has(holder)) continue; // removed by one before it
      const now = this.#clock.now();
      if (now - startedAt > SLICE_MS) {
        setImmediate(() => this.#run(slot, this.#clock.now()));
        return;
      }
      this.#take(holder);
      if (holder.deadlineAt <= now) holder.onDeadlinePassed(now);
      else this.#put(holder, this.#turnFor(holder.deadlineAt));
    }
    if (this.#size === 0) this.stop();
  }

  #put(holder: DeadlineHolder, turn: number): void {
    holder.wheelTurn = turn;
    this.#slot(turn).add(holder);
    this.#size++;
  }

  #take(holder: DeadlineHolder): void {
    if (holder.wheelTurn === UNFILED) return;
    this.#slot(holder.wheelTurn).delete(holder);
    holder.wheelTurn = UNFILED;
    this.#size--;
  }

  /** The turn by which the deadline has passed, within the wheel's reach. */
  #turnFor(deadlineAt: number): number {
    const turn = Math.ceil(deadlineAt / TICK_MS);
    const reach = this.#turn + SLOTS - 1;
    return Math.min(Math.max(turn, this.#turn + 1), reach);
  }

  #slot(turn: number): Set<DeadlineHolder> {
    return this.#slots[turn % SLOTS] as Set<DeadlineHolder>;
  }

  /** While nothing was filed no turn was run: the time between is skipped. */
  #start(): void {
    this.#turn = Math.floor(this.#clock.now() / TICK_MS);
    // After a turn's timers its sockets are read, and then immediates run: what
    // came in time has moved its deadline, also where the turn was a long one.
    const advance = () => this.advance();
    this.#timer = setInterval(() => setImmediate(advance), TICK_MS).unref();
  }
}
