/**
 * The drain of a worker: open requests finish, idle connections linger, and a
 * program gets its signal. It ends with the last connection, or at the
 * deadline.
 */
import type { Clock } from "../shared/clock.ts";
import type { Settings } from "../shared/config/settings.ts";
import type { WorkerListeners } from "./worker-listeners.ts";

export interface DrainOptions {
  readonly settings: Settings["drain"];
  readonly clock: Clock;
  readonly listeners: WorkerListeners;
  /** Whether other workers may still send requests for its sessions. */
  readonly hasSessions: boolean;
  /** Tells the program that it will end; may be called again. */
  readonly terminate: () => void;
  /** @param forcedCloses number of requests that were cut */
  readonly onDeadline: (forcedCloses: number) => void;
  /** Nothing is left to wait for; may be called again. */
  readonly onEnd: () => void;
}

/**
 * Interval at which to look whether the connections that are left are such
 * that only the program can end them.
 */
const TERMINATION_CHECK_MS = 250;

/**
 * When a program gets its signal at the latest, as a share of the drain
 * deadline.
 */
const TERMINATION_SHARE = 0.5;

export class Drain {
  readonly #options: DrainOptions;
  readonly #deadlineAt: number;
  readonly #deadlineTimer: NodeJS.Timeout;
  readonly #terminationTimer: NodeJS.Timeout;
  /** While requests for its sessions may come. */
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(options: DrainOptions) {
    const { settings, clock, listeners, hasSessions, terminate } = options;
    const { deadlineMs, lingerMs } = settings;
    this.#options = options;
    const now = clock.now();
    this.#deadlineAt = now + deadlineMs;
    this.#deadlineTimer = setTimeout(() => {
      options.onDeadline(listeners.abortAll());
    }, deadlineMs);
    const latestAt = now + deadlineMs * TERMINATION_SHARE;
    this.#terminationTimer = setInterval(() => {
      const isOnlyTheirs = !this.#lingerTimer && listeners.areAllHandedOver;
      if (isOnlyTheirs || clock.now() >= latestAt) terminate();
    }, TERMINATION_CHECK_MS);
    if (!hasSessions) return;
    this.#lingerTimer = setTimeout(() => {
      this.#lingerTimer = undefined;
      this.onCountChanged();
    }, lingerMs);
  }

  begin(): void {
    this.#options.listeners.shutdown();
    this.onCountChanged();
  }

  /** A connection has opened or closed. */
  onCountChanged(): void {
    const isOver = this.#options.listeners.count === 0 && !this.#lingerTimer;
    if (isOver) this.#options.onEnd();
  }

  /** Time until the deadline; negative when it has passed. */
  get leftMs(): number {
    return this.#deadlineAt - this.#options.clock.now();
  }

  /** The program has its signal: it may end the process by ending its work. */
  onTerminated(): void {
    clearInterval(this.#terminationTimer);
    this.#deadlineTimer.unref();
  }

  stop(): void {
    clearInterval(this.#terminationTimer);
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#lingerTimer);
  }
}
