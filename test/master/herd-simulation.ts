import {
  type HerdGoal,
  isSettled,
  nextSteps,
} from "../../src/master/reconcile.ts";
import type { WorkerState, WorkerView } from "../../src/master/worker-state.ts";
import { viewOf } from "./worker-views.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type SimulatedWorker = Mutable<WorkerView>;

export const EVENTS = [
  "ready",
  "startFailure",
  "crash",
  "leave",
  "retire",
  "reload",
  "scaleUp",
  "scaleDown",
  "wait",
] as const;

export type SimulatedEvent = (typeof EVENTS)[number];

const BACKOFF_MS = 100;
const MAX_TARGET = 6;

/**
 * A herd without processes: chance says what happens to its workers, and the
 * steps that reconciling wants are taken at once.
 */
export class HerdSimulation {
  readonly #random: () => number;
  readonly #notBefore = new Map<number, number>();
  #workers: SimulatedWorker[] = [];
  #now = 0;
  #target: number;
  #generation = 1;
  #latestGeneration = 1;
  /** The generation to return to, while a rolling restart is under way. */
  #previous: number | undefined;
  /** Called before and after each round of steps. */
  onSteps: (before: WorkerView[], after: WorkerView[]) => void = () => {};

  constructor(target: number, random: () => number) {
    this.#target = target;
    this.#random = random;
  }

  get goal(): HerdGoal {
    const notBefore = this.#notBefore;
    return { target: this.#target, generation: this.#generation, notBefore };
  }

  get isSettled(): boolean {
    return isSettled(this.#workers, this.goal) && this.#steps().length === 0;
  }

  in(state: WorkerState): SimulatedWorker[] {
    return this.#workers.filter((worker) => worker.state === state);
  }

  /** One event to one worker, or to the herd, and what follows of it. */
  happen(event: SimulatedEvent): void {
    this.#now += 10;
    this.#act(event);
    this.reconcile();
  }

  /** From here on all goes well. @returns after how many rounds it settles */
  settle(maxRounds: number): number | undefined {
    for (let round = 0; round < maxRounds; round++) {
      if (this.isSettled) return round;
      this.#now += BACKOFF_MS;
      for (const worker of this.in("starting")) worker.state = "ready";
      for (const worker of this.in("draining")) this.#remove(worker);
      this.reconcile();
    }
    return undefined;
  }

  reconcile(): void {
    const before = this.#views();
    for (const step of this.#steps()) {
      if (step.type === "drain") step.worker.state = "draining";
      else this.#fork(step.slot);
    }
    this.onSteps(before, this.#views());
    if (isSettled(this.#workers, this.goal)) this.#previous = undefined;
  }

  #act(event: SimulatedEvent): void {
    switch (event) {
      case "ready":
        this.#pick("starting", (worker) => {
          worker.state = "ready";
        });
        break;
      case "startFailure":
        this.#pick("starting", (worker) => this.#failStart(worker));
        break;
      case "crash":
        this.#pick("ready", (worker) => this.#end(worker));
        break;
      case "leave":
        this.#pick("draining", (worker) => this.#remove(worker));
        break;
      case "retire":
        this.#pick("ready", (worker) => {
          worker.wantsToRetire = true;
        });
        break;
      case "reload":
        this.#previous ??= this.#generation;
        this.#generation = ++this.#latestGeneration;
        this.#notBefore.clear();
        break;
      case "scaleUp":
        this.#target = Math.min(MAX_TARGET, this.#target + 1);
        break;
      case "scaleDown":
        this.#target = Math.max(1, this.#target - 1);
        break;
      case "wait":
        this.#now += BACKOFF_MS;
        break;
      default:
        event satisfies never;
    }
  }

  /** A rolling restart ends with it, as the supervisor does it. */
  #failStart(worker: SimulatedWorker): void {
    this.#end(worker);
    const isOfRoll = worker.generation === this.#generation;
    if (this.#previous === undefined || !isOfRoll) return;
    for (const other of this.in("starting")) {
      if (other.generation === this.#generation) other.state = "draining";
    }
    this.#generation = this.#previous;
    this.#previous = undefined;
  }

  #end(worker: SimulatedWorker): void {
    this.#remove(worker);
    this.#notBefore.set(worker.slot, this.#now + BACKOFF_MS);
  }

  #remove(worker: SimulatedWorker): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  #fork(slot: number): void {
    const generation = this.#generation;
    this.#workers.push({ ...viewOf(slot, "starting", { generation }) });
  }

  #pick(state: WorkerState, act: (worker: SimulatedWorker) => void): void {
    const workers = this.in(state);
    const worker = workers[Math.floor(this.#random() * workers.length)];
    if (worker) act(worker);
  }

  #steps() {
    return nextSteps(this.#workers, this.goal, this.#now);
  }

  #views(): WorkerView[] {
    return this.#workers.map((worker) => ({ ...worker }));
  }
}
