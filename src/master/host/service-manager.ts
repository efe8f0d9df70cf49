/** Reports the state of the service to systemd or pm2, if it runs under one. */
import type { Logger } from "../../shared/logging/logger.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { ReloadOutcome } from "../supervisor/rollout/reload-outcome.ts";
import type { ServiceEnvironment } from "./service-environment.ts";
import { type Assignments, SystemdNotifier } from "./systemd-notifier.ts";

export interface ServiceManagerOptions {
  readonly environment: ServiceEnvironment;
  readonly logger: Logger;
  /** False in an incoming master: the outgoing one still reports. */
  readonly isMain?: boolean;
}

/** While it starts or stops, the service is neither reloading nor ready. */
type Phase = "starting" | "running" | "stopping";

const PHASE_TRANSITIONS: TransitionTable<Phase> = {
  starting: ["running", "stopping"],
  running: ["stopping"],
  stopping: [],
};

/** Only the main process of the service reports. */
type Role = "incoming" | "main" | "outgoing";

const ROLE_TRANSITIONS: TransitionTable<Role> = {
  incoming: ["main"],
  main: ["outgoing"],
  outgoing: [],
};

/** Workers that do not exit at the deadline are killed 2 s later. */
const TIMEOUT_RESERVE_MS = 5_000;

export class ServiceManager {
  readonly #environment: ServiceEnvironment;
  readonly #notifier: SystemdNotifier | undefined;
  #role: Role;
  #phase: Phase = "starting";
  #watchdog: NodeJS.Timeout | undefined;

  constructor({ environment, logger, isMain = true }: ServiceManagerOptions) {
    const { notifySocket: socket } = environment;
    this.#environment = environment;
    this.#notifier = socket
      ? new SystemdNotifier({ socket, logger })
      : undefined;
    this.#role = isMain ? "main" : "incoming";
    if (isMain) this.#startWatchdog();
  }

  /** @param maxMs time-out of the start */
  onStarting(maxMs: number): void {
    this.#notify({
      STATUS: "Starting workers",
      EXTEND_TIMEOUT_USEC: usec(maxMs + TIMEOUT_RESERVE_MS),
    });
  }

  /** Reports that all workers are ready for the first time. */
  onStarted(workers: number): void {
    if (this.#phase === "starting") this.#move("running");
    this.#notify({ READY: 1, STATUS: `Serving with ${workersText(workers)}` });
    if (process.env.pm_id !== undefined) notifyPm2();
  }

  onReloading(): void {
    if (this.#phase !== "running") return;
    this.#notify({
      RELOADING: 1,
      // systemd compares this with CLOCK_MONOTONIC.
      MONOTONIC_USEC: String(process.hrtime.bigint() / 1_000n),
      STATUS: "Reloading",
    });
  }

  onReloadEnded(outcome: ReloadOutcome): void {
    if (this.#phase !== "running") return;
    this.#notify({ READY: 1, STATUS: reloadText(outcome) });
  }

  /** @param maxMs time until the workers cut the remaining connections */
  onStopping(maxMs: number): void {
    if (this.#phase !== "stopping") this.#move("stopping");
    this.#notify({
      STOPPING: 1,
      STATUS: "Finishing what is open",
      EXTEND_TIMEOUT_USEC: usec(maxMs + TIMEOUT_RESERVE_MS),
    });
  }

  /**
   * Makes the incoming master the main process of the service. Resolves when
   * systemd knows: systemd would take an earlier exit of the outgoing master
   * for the end of the service.
   */
  async becomeMain(): Promise<void> {
    this.#role = transition(ROLE_TRANSITIONS, this.#role, "main");
    this.#notify({ MAINPID: process.pid, STATUS: "Serving after an upgrade" });
    this.#startWatchdog();
    await this.#notifier?.flush();
  }

  /** Leaves reporting to the incoming master from now on. */
  handOver(): void {
    this.#role = transition(ROLE_TRANSITIONS, this.#role, "outgoing");
    clearInterval(this.#watchdog);
  }

  async close(): Promise<void> {
    clearInterval(this.#watchdog);
    await this.#notifier?.close();
  }

  #move(to: Phase): void {
    this.#phase = transition(PHASE_TRANSITIONS, this.#phase, to);
  }

  #notify(assignments: Assignments): void {
    if (this.#role === "main") this.#notifier?.notify(assignments);
  }

  #startWatchdog(): void {
    const { watchdogIntervalMs } = this.#environment;
    if (!this.#notifier || watchdogIntervalMs === undefined) return;
    // A timer does not fire while the event loop is blocked.
    this.#watchdog = setInterval(() => {
      this.#notifier?.ping();
    }, watchdogIntervalMs);
  }
}

/** With `wait_ready`, pm2 marks the process as online after this message. */
function notifyPm2(): void {
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
