import { performance } from "node:perf_hooks";
import type { Clock } from "../shared/clock.ts";
import { HEARTBEAT_INTERVAL_MS } from "../shared/ipc-messages.ts";

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly onBeat: () => void;
  /** Called with the delay of the event loop. */
  readonly onDelay: (ms: number) => void;
}

/** Interval of event loop delay samples. */
const DELAY_SAMPLE_MS = 100;

/** Calls back at intervals while the event loop runs, and measures its load. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timers: readonly NodeJS.Timeout[] = [];
  #utilization = performance.eventLoopUtilization();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, onBeat, onDelay } = this.#options;
    // Excludes the load of the startup.
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

  /** Event loop utilization since the last call, 0 to 1. */
  takeUtilization(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(
      now,
      this.#utilization,
    );
    this.#utilization = now;
    return utilization;
  }

  /** Lets the process end while it beats. */
  unref(): void {
    for (const timer of this.#timers) timer.unref();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
