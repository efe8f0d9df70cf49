import { performance } from "node:perf_hooks";
import type { Clock } from "../shared/clock.ts";
import { HEARTBEAT_INTERVAL_MS } from "../shared/ipc-messages.ts";

export interface PulseOptions {
  readonly clock: Clock;
  readonly onBeat: () => void;
  /** By how much a turn of the event loop came late. */
  readonly onDelay: (ms: number) => void;
}

/** How often the event loop's delay is looked at. */
const DELAY_SAMPLE_MS = 100;

/** Beats as long as the event loop turns, and knows how busy that is. */
export class Pulse {
  readonly #options: PulseOptions;
  #timers: readonly NodeJS.Timeout[] = [];
  #utilization = performance.eventLoopUtilization();

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, onBeat, onDelay } = this.#options;
    // Work of the start says nothing of how busy it is with requests.
    this.#utilization = performance.eventLoopUtilization();
    let expectedAt = clock.now() + DELAY_SAMPLE_MS;
    const sample = () => {
      const now = clock.now();
      onDelay(Math.max(0, now - expectedAt));
      expectedAt = now + DELAY_SAMPLE_MS;
    };
    this.#timers = [
      setInterval(onBeat, HEARTBEAT_INTERVAL_MS),
      setInterval(sample, DELAY_SAMPLE_MS),
    ];
  }

  /** The share of time, 0 to 1, since this was asked for last. */
  takeUtilization(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(
      now,
      this.#utilization,
    );
    this.#utilization = now;
    return utilization;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
