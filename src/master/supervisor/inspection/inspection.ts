import type { InspectionTask } from "../../../shared/inspection/watchdog-channel.ts";
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import type {
  InspectionKind,
  InspectionRequest,
} from "./inspection-request.ts";

/**
 * The states of an inspection. Data may come from "running" on; the main thread
 * of the worker is stopped only in "running", if at all.
 *
 *   asked ─► running ─► sending ─► ended
 */
export type InspectionState = "asked" | "running" | "sending" | "ended";

const TRANSITIONS: TransitionTable<InspectionState> = {
  asked: ["running", "ended"],
  running: ["sending", "ended"],
  sending: ["ended"],
  ended: [],
};

/** The watchdog gives up after 8 s if the main thread does not answer. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The watchdog answers after half a second if no JavaScript runs. */
const STACKS_TIMEOUT_MS = 3_000;

/**
 * Longest time without any answer. Collecting garbage before a snapshot takes
 * seconds, and a caller may be slow to write.
 */
const SILENCE_TIMEOUT_MS = 60_000;

/** An inspection of a worker that has been asked. */
export class Inspection {
  readonly id: number;
  readonly what: InspectionKind;
  readonly worker: WorkerHandle;
  #state: InspectionState = "asked";
  /** Monotonic ms; Infinity: it may take as long as it likes. */
  #deadlineAt: number;

  constructor(request: InspectionRequest, worker: WorkerHandle, now: number) {
    this.id = request.id;
    this.what = request.what;
    this.worker = worker;
    const isShort = request.what.kind === "stacks";
    const timeoutMs = isShort ? STACKS_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
    this.#deadlineAt = now + timeoutMs;
  }

  get state(): InspectionState {
    return this.#state;
  }

  get stopsWorker(): boolean {
    return this.what.kind === "heapSnapshot";
  }

  /** Handles a sign that it goes on. */
  extend(now: number): void {
    this.#deadlineAt = now + quietMs(this.what);
  }

  /** It has been told to end. */
  expectEnd(now: number): void {
    this.#deadlineAt = now + SILENCE_TIMEOUT_MS;
  }

  isLate(now: number): boolean {
    return now > this.#deadlineAt;
  }

  move(to: InspectionState, now: number): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
    this.extend(now);
  }
}

/** Longest time until the next answer. */
function quietMs(what: InspectionKind | InspectionTask): number {
  if (what.kind === "inspector") return Number.POSITIVE_INFINITY;
  const recordedMs = "seconds" in what ? what.seconds * 1000 : 0;
  return recordedMs + SILENCE_TIMEOUT_MS;
}
