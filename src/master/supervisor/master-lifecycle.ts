/**
 * The phases of the supervisor.
 *
 *   starting ─► running ─► preStop ─► draining ─► stopped
 *
 * - paused, from starting or running and back: all workers were told to exit,
 *   and a reload starts new ones;
 * - preStop: the server is no longer ready, but still serves.
 */
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { WorkerFailure } from "./workers/worker-handle.ts";

export type Phase =
  | "starting"
  | "running"
  | "paused"
  | "preStop"
  | "draining"
  | "stopped";

/** Phases that a pause interrupts, and to which it returns. */
type Active = "starting" | "running";

const TABLE: TransitionTable<Phase> = {
  starting: ["running", "paused", "preStop", "draining"],
  running: ["paused", "preStop", "draining"],
  paused: ["starting", "running", "preStop", "draining"],
  preStop: ["draining"],
  draining: ["stopped"],
  stopped: [],
};

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_START_FAILED = 2;
const EXIT_INTERRUPTED = 130;

export class MasterLifecycle {
  #phase: Phase = "starting";
  /** The phase after a pause. */
  #active: Active = "starting";
  #exitCode = EXIT_OK;
  #startError: WorkerFailure | undefined;

  get phase(): Phase {
    return this.#phase;
  }

  /** Reports the interrupted phase instead of "paused". */
  get reported(): Exclude<Phase, "paused"> {
    return this.#phase === "paused" ? this.#active : this.#phase;
  }

  get isStopping(): boolean {
    switch (this.#phase) {
      case "starting":
      case "running":
      case "paused":
        return false;
      default:
        return true;
    }
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /** Reason why the first workers did not become ready. */
  get startError(): WorkerFailure | undefined {
    return this.#startError;
  }

  /** Called when all workers are ready for the first time. */
  run(): void {
    this.#move("running");
    this.#active = "running";
  }

  pause(): void {
    if (this.#phase !== "paused") this.#move("paused");
  }

  /** Ends a pause, if there is one. */
  resume(): void {
    if (this.#phase === "paused") this.#move(this.#active);
  }

  beginPreStop(): void {
    this.#move("preStop");
  }

  /** @returns false if it already drains */
  beginDrain(): boolean {
    if (this.#phase === "draining" || this.#phase === "stopped") return false;
    this.#move("draining");
    return true;
  }

  stop(): void {
    this.#move("stopped");
  }

  noteStartFailure(failure: WorkerFailure): void {
    this.#startError ??= failure;
    this.#exitCode = EXIT_START_FAILED;
  }

  noteInterrupted(): void {
    this.#exitCode = EXIT_INTERRUPTED;
  }

  noteFatalError(): void {
    this.#exitCode = EXIT_FAILED;
  }

  #move(to: Phase): void {
    this.#phase = transition(TABLE, this.#phase, to);
  }
}
