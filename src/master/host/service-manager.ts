/**
 * Tells whoever supervises the master how it is: systemd, or pm2. Without
 * either of them it says nothing.
 */
import type { Logger } from "../../shared/logger.ts";
import type { ReloadOutcome } from "../supervisor/rollout/reload-outcome.ts";
import type { ServiceEnvironment } from "./service-environment.ts";
import { type Assignments, SystemdNotifier } from "./systemd-notifier.ts";

export interface ServiceManagerOptions {
  readonly environment: ServiceEnvironment;
  readonly logger: Logger;
  /** False in a master that is to succeed another one: it waits its turn. */
  readonly isMain?: boolean;
}

/** Workers that cannot cut what is left are killed 2 s later. */
const TIMEOUT_RESERVE_MS = 5_000;

export class ServiceManager {
  readonly #environment: ServiceEnvironment;
  readonly #notifier: SystemdNotifier | undefined;
  #isMain: boolean;
  /** While it starts or stops, it is neither reloading nor ready again. */
  #phase: "starting" | "running" | "stopping" = "starting";
  #watchdog: NodeJS.Timeout | undefined;

  constructor({ environment, logger, isMain = true }: ServiceManagerOptions) {
    const { notifySocket: socket } = environment;
    this.#environment = environment;
    this.#notifier = socket
      ? new SystemdNotifier({ socket, logger })
      : undefined;
    this.#isMain = isMain;
    if (isMain) this.#startWatchdog();
  }

  /** @param maxMs after which the first workers are ready, or it gives up */
  onStarting(maxMs: number): void {
    this.#tell({
      STATUS: "Starting workers",
      EXTEND_TIMEOUT_USEC: usec(maxMs + TIMEOUT_RESERVE_MS),
    });
  }

  /** All first workers are ready. */
  onStarted(workers: number): void {
    if (this.#phase === "starting") this.#phase = "running";
    this.#tell({ READY: 1, STATUS: `Serving with ${workersText(workers)}` });
    if (process.env.pm_id !== undefined) tellPm2();
  }

  onReloading(): void {
    if (this.#phase !== "running") return;
    this.#tell({
      RELOADING: 1,
      // CLOCK_MONOTONIC, which is what systemd compares it with.
      MONOTONIC_USEC: String(process.hrtime.bigint() / 1_000n),
      STATUS: "Reloading",
    });
  }

  onReloadEnded(outcome: ReloadOutcome): void {
    if (this.#phase !== "running") return;
    this.#tell({ READY: 1, STATUS: reloadText(outcome) });
  }

  /** @param maxMs after which the workers cut what is left */
  onStopping(maxMs: number): void {
    this.#phase = "stopping";
    this.#tell({
      STOPPING: 1,
      STATUS: "Finishing what is open",
      EXTEND_TIMEOUT_USEC: usec(maxMs + TIMEOUT_RESERVE_MS),
    });
  }

  /**
   * In the successor: from now on this is the service's main process. Resolves
   * when that is told: before, the other one's end would be the service's.
   */
  async becomeMain(): Promise<void> {
    this.#isMain = true;
    this.#tell({ MAINPID: process.pid, STATUS: "Serving after an upgrade" });
    this.#startWatchdog();
    await this.#notifier?.flush();
  }

  /** In the one that leaves: the successor speaks for the service now. */
  handOver(): void {
    this.#isMain = false;
    clearInterval(this.#watchdog);
  }

  async close(): Promise<void> {
    clearInterval(this.#watchdog);
    await this.#notifier?.close();
  }

  #tell(assignments: Assignments): void {
    if (this.#isMain) this.#notifier?.tell(assignments);
  }

  #startWatchdog(): void {
    const { watchdogIntervalMs } = this.#environment;
    if (!this.#notifier || watchdogIntervalMs === undefined) return;
    // A timer fires while the event loop turns: that is what is watched.
    this.#watchdog = setInterval(() => {
      this.#notifier?.ping();
    }, watchdogIntervalMs);
  }
}

/** `wait_ready` of pm2: the process is online when it says so. */
function tellPm2(): void {
  if (process.connected) process.send?.("ready", () => {});
}

function reloadText({ result, generation, error }: ReloadOutcome): string {
  switch (result) {
    case "success":
      return `Serving generation ${generation}`;
    case "failure":
      return `The last reload failed, the old workers go on: ${error}`;
    case "refused":
      return `The last reload was refused: ${error}`;
    case "superseded":
      return "Serving what a later reload brought";
    case "stopped":
      return "Finishing what is open";
    default:
      return result satisfies never;
  }
}

function workersText(count: number): string {
  return count === 1 ? "1 worker" : `${count} workers`;
}

function usec(ms: number): number {
  return Math.round(ms * 1_000);
}
