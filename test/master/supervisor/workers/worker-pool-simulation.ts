import {
  isSettled,
  nextSteps,
  type PoolGoal,
} from "../../../../src/master/supervisor/reconcile.ts";
import { canaryVerdict } from "../../../../src/master/supervisor/rollout/canary.ts";
import { Generations } from "../../../../src/master/supervisor/rollout/generations.ts";
import type {
  WorkerState,
  WorkerView,
} from "../../../../src/master/supervisor/workers/worker-state.ts";
import {
  type Settings,
  settingsSchema,
} from "../../../../src/shared/config/settings.ts";
import { viewOf } from "../worker-views.ts";

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

export const MAX_SURGE = 3;
export const MAX_TARGET = 6;
const BACKOFF_MS = 100;
const MAX_PAUSE_MS = 300;

/**
 * A pool without processes. Random events happen to its workers, and the steps
 * of reconciling are taken at once, as by the supervisor.
 */
export class PoolSimulation {
  readonly #random: () => number;
  readonly #notBefore = new Map<number, number>();
  readonly #generations: Generations;
  #workers: SimulatedWorker[] = [];
  #now = 0;
  /** The number of workers that a reload asks for. */
  workersOfReload: () => number = () => this.#generations.target;
  /** Number of forked workers, by generation. */
  readonly forks = new Map<number, number>();
  /** Called before and after each round of steps. */
  onSteps: (before: WorkerView[], after: WorkerView[]) => void = () => {};

  constructor(target: number, random: () => number) {
    this.#random = random;
    this.#generations = new Generations(
      { settings: this.#settings(target) },
      "/srv",
    );
  }

  get goal(): PoolGoal {
    return { ...this.#generations.goal, notBefore: this.#notBefore };
  }

  get generations(): Generations {
    return this.#generations;
  }

  get forkCount(): number {
    return [...this.forks.values()].reduce((sum, count) => sum + count, 0);
  }

  get isSettled(): boolean {
    return isSettled(this.#workers, this.goal) && this.#steps().length === 0;
  }

  in(state: WorkerState): SimulatedWorker[] {
    return this.#workers.filter((worker) => worker.state === state);
  }

  /** Causes a random event of a worker or the pool, and reconciles. */
  happen(event: SimulatedEvent): void {
    this.#now += 10;
    this.#act(event);
    this.reconcile();
  }

  /**
   * Lets workers start without further events; those of the bad generation
   * fail.
   *
   * @returns the number of rounds until the pool is settled
   */
  settle(maxRounds: number, badGeneration?: number): number | undefined {
    for (let round = 0; round < maxRounds; round++) {
      if (this.isSettled) return round;
      this.#now += BACKOFF_MS;
      for (const worker of this.in("starting")) {
        if (worker.generation === badGeneration) this.#failStart(worker);
        else this.#becomeReady(worker);
      }
      for (const worker of this.in("draining")) this.#remove(worker);
      this.reconcile();
    }
    return undefined;
  }

  reconcile(): void {
    this.#judgeCanary();
    const before = this.#views();
    for (const step of this.#steps()) {
      if (step.type === "drain") step.worker.state = "draining";
      else this.#fork(step.slot, step.generation);
    }
    this.onSteps(before, this.#views());
    if (isSettled(this.#workers, this.goal)) this.#generations.settle();
  }

  #act(event: SimulatedEvent): void {
    switch (event) {
      case "ready":
        this.#pick("starting", (worker) => this.#becomeReady(worker));
        break;
      case "startFailure":
        this.#pick("starting", (worker) => this.#failStart(worker));
        break;
      case "crash":
        this.#pick("ready", (worker) => {
          this.#end(worker);
          this.#abortIfRolled(worker);
        });
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
        this.#reload();
        break;
      case "scaleUp":
        this.#scaleBy(1);
        break;
      case "scaleDown":
        this.#scaleBy(-1);
        break;
      case "wait":
        this.#now += BACKOFF_MS;
        break;
      default:
        event satisfies never;
    }
  }

  #scaleBy(by: 1 | -1): void {
    const target = this.#generations.target + by;
    this.#generations.scaleTo(Math.min(MAX_TARGET, Math.max(1, target)));
  }

  #reload(): void {
    const settings = this.#settings(this.workersOfReload());
    const hasCanary = this.in("ready").length > 0;
    this.#generations.begin({ settings }, this.#now, hasCanary);
    this.#notBefore.clear();
  }

  #judgeCanary(): void {
    const { rollout, settings } = this.#generations;
    if (rollout?.phase !== "canary") return;
    const staying = [...this.in("starting"), ...this.in("ready")];
    const found = staying.find(({ generation }) => {
      return generation === rollout.generation;
    });
    const verdict = canaryVerdict(
      found && {
        ...found,
        checks: [],
        memoryBytes: 0,
        lastHeartbeatAt: this.#now,
      },
      { pauseMs: settings.roll.canaryPauseMs, maxMemoryBytes: 0 },
      this.#now,
    );
    if (verdict.type === "passed") this.#generations.promote();
    if (verdict.type === "failed") this.#generations.abort(verdict.why);
  }

  #becomeReady(worker: SimulatedWorker): void {
    worker.state = "ready";
    worker.readyAt = this.#now;
  }

  #failStart(worker: SimulatedWorker): void {
    this.#end(worker);
    if (this.#abortIfRolled(worker)) return;
    const isServed = this.in("ready").some(({ slot }) => slot === worker.slot);
    const { rollout } = this.#generations;
    if (rollout?.phase !== "returning" || !isServed) return;
    this.#generations.excuse(worker.slot);
  }

  #abortIfRolled({ generation }: WorkerView): boolean {
    const { rollout } = this.#generations;
    const isRolled = generation === rollout?.generation;
    if (!isRolled || rollout?.phase === "returning") return false;
    this.#generations.abort("as the test wants it");
    return true;
  }

  #end(worker: SimulatedWorker): void {
    this.#remove(worker);
    this.#notBefore.set(worker.slot, this.#now + BACKOFF_MS);
  }

  #remove(worker: SimulatedWorker): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  #fork(slot: number, generation: number): void {
    this.forks.set(generation, (this.forks.get(generation) ?? 0) + 1);
    this.#workers.push({ ...viewOf(slot, "starting", { generation }) });
  }

  #pick(state: WorkerState, act: (worker: SimulatedWorker) => void): void {
    const workers = this.in(state);
    const worker = workers[Math.floor(this.#random() * workers.length)];
    if (worker) act(worker);
  }

  #settings(workers: number): Settings {
    const surge = 1 + Math.floor(this.#random() * MAX_SURGE);
    const pauses = [0, 0, MAX_PAUSE_MS];
    const canaryPauseMs = pauses[Math.floor(this.#random() * 3)] ?? 0;
    return settingsSchema.parse({ workers, roll: { surge, canaryPauseMs } });
  }

  #steps() {
    return nextSteps(this.#workers, this.goal, this.#now);
  }

  #views(): WorkerView[] {
    return this.#workers.map((worker) => ({ ...worker }));
  }
}
