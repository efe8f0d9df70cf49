/** When this process was held up, because others had the processor. */
const TICK_MS = 50;

interface Stall {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class StallLog {
  readonly #stalls: Stall[] = [];
  #tickedAtMs = performance.now();

  constructor() {
    setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** How long it was held up between two times. */
  between(fromMs: number, untilMs: number): number {
    this.#tick();
    return this.#stalls.reduce((sum, stall) => {
      const from = Math.max(stall.fromMs, fromMs);
      const until = Math.min(stall.untilMs, untilMs);
      return sum + Math.max(0, until - from);
    }, 0);
  }

  #tick(): void {
    const now = performance.now();
    const fromMs = this.#tickedAtMs + TICK_MS;
    if (now > fromMs) this.#stalls.push({ fromMs, untilMs: now });
    this.#tickedAtMs = now;
  }
}
