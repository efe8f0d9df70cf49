/**
 * Deadlines of many connections with one timer. Every request moves a deadline
 * to later, which only changes a number: the wheel notices when it reaches the
 * old time, and files the connection again.
 */
import type { Clock } from "../../shared/clock.ts";

/** Something with a deadline; `Infinity` is none. */
export interface DeadlineHolder {
  readonly deadlineAt: number;
  /** Tick under which the wheel has filed it; `UNFILED` at first. */
  wheelTick: number;
  onDeadlinePassed(now: number): void;
}

/** Later than every tick, but a small integer: V8 boxes an infinity. */
export const UNFILED = 0x7fff_ffff;

/** A deadline is noticed at most this much later. */
export const TICK_MS = 250;
const SLOTS = 512;
/** After this time with due deadlines the event loop runs once. */
const SLICE_MS = 1;

export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #slots = Array.from({ length: SLOTS }, () => {
    return new Set<DeadlineHolder>();
  });
  #size = 0;
  #tick: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tick = Math.floor(clock.now() / TICK_MS);
  }

  /** How many holders are filed. */
  get size(): number {
    return this.#size;
  }

  /** Files a holder, or files it again if its deadline moved to earlier. */
  file(holder: DeadlineHolder): void {
    if (!this.#timer) this.#start();
    const wanted = this.#tickFor(holder.deadlineAt);
    if (holder.wheelTick <= wanted) return;
    this.#take(holder);
    this.#put(holder, wanted);
  }

  remove(holder: DeadlineHolder): void {
    this.#take(holder);
    if (this.#size === 0) this.stop();
  }

  /** Runs all ticks that are due. */
  advance(): void {
    const now = this.#clock.now();
    const due = Math.floor(now / TICK_MS);
    // After a pause longer than the wheel, one round covers every holder.
    this.#tick = Math.max(this.#tick, due - SLOTS);
    while (this.#tick < due) {
      this.#tick++;
      this.#run(this.#slot(this.#tick), now);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #run(slot: Set<DeadlineHolder>, startedAt: number): void {
    for (const holder of [...slot]) {
      if (!slot.has(holder)) continue; // removed by an earlier holder
      const now = this.#clock.now();
      if (now - startedAt > SLICE_MS) {
        setImmediate(() => this.#run(slot, this.#clock.now()));
        return;
      }
      this.#take(holder);
      if (holder.deadlineAt <= now) holder.onDeadlinePassed(now);
      else this.#put(holder, this.#tickFor(holder.deadlineAt));
    }
    if (this.#size === 0) this.stop();
  }

  #put(holder: DeadlineHolder, tick: number): void {
    holder.wheelTick = tick;
    this.#slot(tick).add(holder);
    this.#size++;
  }

  #take(holder: DeadlineHolder): void {
    if (holder.wheelTick === UNFILED) return;
    this.#slot(holder.wheelTick).delete(holder);
    holder.wheelTick = UNFILED;
    this.#size--;
  }

  /** The tick at which the deadline has passed, within the wheel's range. */
  #tickFor(deadlineAt: number): number {
    const tick = Math.ceil(deadlineAt / TICK_MS);
    const lastTick = this.#tick + SLOTS - 1;
    return Math.min(Math.max(tick, this.#tick + 1), lastTick);
  }

  #slot(tick: number): Set<DeadlineHolder> {
    return this.#slots[tick % SLOTS] as Set<DeadlineHolder>;
  }

  /** Skips the time in which nothing was filed. */
  #start(): void {
    this.#tick = Math.floor(this.#clock.now() / TICK_MS);
    // The event loop runs timers, reads sockets, then runs immediates: data
    // that came in time has moved its deadline, even in a long iteration.
    const advance = () => this.advance();
    this.#timer = setInterval(() => setImmediate(advance), TICK_MS).unref();
  }
}
