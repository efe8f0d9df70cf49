/**
 * The inspections of workers: profiles, heap snapshots, stacks, and the
 * inspector of Node.js. Each concerns one worker, whose watchdog does the work.
 */
import type { WatchdogQuestion } from "../../../shared/inspection/watchdog-channel.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import type { WatchdogEvent } from "../workers/worker-process.ts";
import { chooseWorker } from "./choose-worker.ts";
import { Inspection } from "./inspection.ts";
import type {
  InspectionEnd,
  InspectionEvent,
  InspectionKind,
  InspectionRequest,
} from "./inspection-request.ts";

const NAMES: Readonly<Record<InspectionKind["kind"], string>> = {
  cpuProfile: "a CPU profile under way",
  heapProfile: "a heap profile under way",
  heapSnapshot: "a heap snapshot under way",
  inspector: "an open inspector",
  stacks: "its stack read",
};

/** Longest time until the main thread runs JavaScript: else it is idle. */
const STACKS_TIMEOUT_MS = 500;

export class Inspections {
  readonly #parts: DecisionParts;
  readonly #open = new Map<number, Inspection>();

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  begin(request: InspectionRequest): void {
    const { pool, clock } = this.#parts;
    const now = clock.now();
    const worker = chooseWorker(pool.workers, request.worker, now);
    const error = worker
      ? this.#refusal(request, worker)
      : notFound(request.worker);
    if (error !== undefined || !worker) {
      const end = { type: "ended", result: "refused", error } as InspectionEnd;
      this.#report(request.id, worker, end);
      return;
    }
    const inspection = new Inspection(request, worker, now);
    this.#open.set(request.id, inspection);
    this.#report(request.id, worker, { type: "chosen" });
    if (inspection.stopsWorker && worker.state === "ready") {
      this.#parts.effects.push({ type: "withdrawWorker", worker });
    }
    this.#ask(worker, questionFor(request));
  }

  onEvent(
    worker: WorkerHandle,
    event: WatchdogEvent,
    data: Buffer | undefined,
  ): void {
    if (event.type === "unreadable") {
      const error = "its watchdog channel carries data of the app";
      for (const each of this.#of(worker)) this.#fail(each, error);
      return;
    }
    const inspection = this.#open.get(event.id);
    if (inspection?.worker !== worker) return;
    inspection.extend(this.#parts.clock.now());
    this.#advance(inspection, event, data);
  }

  /** Ends it; a heap snapshot ends when the worker goes on. */
  cancel(id: number): void {
    const inspection = this.#open.get(id);
    if (!inspection) return;
    inspection.expectEnd(this.#parts.clock.now());
    this.#ask(inspection.worker, { type: "cancel", id });
  }

  /** Closes the inspector of the worker in the slot, if it is open. */
  closeInspector(slot: number): void {
    for (const { id, worker, what } of this.#open.values()) {
      if (worker.slot === slot && what.kind === "inspector") this.cancel(id);
    }
  }

  onGone(worker: WorkerHandle): void {
    for (const each of this.#of(worker)) this.#fail(each, endOf(worker));
  }

  /** Ends those that are late. */
  tick(): void {
    const now = this.#parts.clock.now();
    for (const each of [...this.#open.values()]) {
      if (!each.isLate(now)) continue;
      this.cancel(each.id);
      this.#fail(each, "its watchdog does not answer");
    }
  }

  #advance(
    inspection: Inspection,
    event: Exclude<WatchdogEvent, { readonly type: "unreadable" }>,
    data: Buffer | undefined,
  ): void {
    const { id, worker, state } = inspection;
    switch (event.type) {
      case "begun":
        if (state === "asked") this.#onBegun(inspection);
        break;
      case "opened":
        if (state === "asked") this.#onOpened(inspection, event.url);
        break;
      case "progress": {
        const { done, total } = event;
        this.#report(id, worker, { type: "progress", done, total });
        break;
      }
      case "data":
        if (data) this.#report(id, worker, { type: "data", data });
        break;
      case "taken":
        if (state === "running") this.#onTaken(inspection, event.seconds);
        break;
      case "stacks":
        this.#report(id, worker, { type: "stacks", stacks: event.stacks });
        this.#end(inspection, { type: "ended", result: "success" });
        break;
      case "done":
        this.#end(inspection, { type: "ended", result: "success" });
        break;
      case "failed":
        this.#fail(inspection, event.error);
        break;
      default:
        event satisfies never;
    }
  }

  #onBegun(inspection: Inspection): void {
    const { id, worker, stopsWorker } = inspection;
    inspection.move("running", this.#parts.clock.now());
    if (stopsWorker) worker.excuseFor("heapSnapshot");
    this.#report(id, worker, { type: "begun" });
  }

  #onOpened(inspection: Inspection, url: string): void {
    const { id, worker, what } = inspection;
    const { effects, clock, logger } = this.#parts;
    if (what.kind !== "inspector") return;
    inspection.move("running", clock.now());
    // At a breakpoint there are no heartbeats.
    worker.excuseFor("inspector");
    logger.warn({ ...identityOf(worker), url }, "inspector opened");
    this.#report(id, worker, { type: "opened", url });
    const command = { type: "cancelInspection", id } as const;
    effects.push({ type: "later", afterMs: what.openMs, command });
  }

  #onTaken(inspection: Inspection, seconds: number): void {
    const { id, worker } = inspection;
    inspection.move("sending", this.#parts.clock.now());
    this.#release(inspection);
    this.#report(id, worker, { type: "taken", seconds });
  }

  #fail({ id, worker }: Inspection, why: string): void {
    const inspection = this.#open.get(id);
    if (!inspection) return;
    const error = `worker ${worker.slot} (pid ${worker.pid}): ${why}`;
    this.#end(inspection, { type: "ended", result: "failure", error });
  }

  #end(inspection: Inspection, end: InspectionEnd): void {
    const { id, worker, what, state } = inspection;
    const { clock, logger } = this.#parts;
    if (state !== "sending") this.#release(inspection);
    worker.endExcuse(clock.now());
    inspection.move("ended", clock.now());
    this.#open.delete(id);
    if (what.kind === "inspector" && state === "running") {
      logger.info(identityOf(worker), "inspector closed");
    }
    this.#report(id, worker, end);
  }

  /** Sends connections to the worker again. */
  #release({ worker, stopsWorker }: Inspection): void {
    if (!stopsWorker || worker.state !== "ready") return;
    this.#parts.effects.push({ type: "restoreWorker", worker });
  }

  /** Reason not to inspect the worker. */
  #refusal(
    { what, mayStopLast }: InspectionRequest,
    worker: WorkerHandle,
  ): string | undefined {
    const name = `worker ${worker.slot} (pid ${worker.pid})`;
    if (!worker.settings.watchdog) {
      return `${name} has no watchdog thread: the setting watchdog is false`;
    }
    const others = this.#of(worker).filter((each) => {
      return each.what.kind !== "stacks";
    });
    const [other] = others;
    if (other) {
      const isHarmless = what.kind === "stacks" && "seconds" in other.what;
      return isHarmless ? undefined : `${name} has ${NAMES[other.what.kind]}`;
    }
    if (what.kind !== "heapSnapshot") return undefined;
    const isStopping = [...this.#open.values()].some((each) => {
      return each.stopsWorker && each.state !== "sending";
    });
    if (isStopping) return "a heap snapshot of another worker is under way";
    const { pool } = this.#parts;
    const isLast = worker.state === "ready" && pool.countIn("ready") === 1;
    if (!isLast || mayStopLast) return undefined;
    return `${name} is the only one that is ready, and a heap snapshot stops it`;
  }

  #of(worker: WorkerHandle): Inspection[] {
    return [...this.#open.values()].filter((each) => each.worker === worker);
  }

  #ask(worker: WorkerHandle, question: WatchdogQuestion): void {
    this.#parts.effects.push({ type: "askWatchdog", worker, question });
  }

  #report(
    id: number,
    worker: WorkerHandle | undefined,
    event: InspectionEvent,
  ): void {
    this.#parts.effects.push({ type: "reportInspection", id, worker, event });
  }
}

function questionFor({ id, what }: InspectionRequest): WatchdogQuestion {
  if (what.kind !== "stacks") return { type: "begin", id, task: what };
  const timeoutMs = STACKS_TIMEOUT_MS;
  return { type: "stacks", id, samples: 1, timeoutMs, isFinal: false };
}

function notFound(choice: InspectionRequest["worker"]): string {
  if (choice === "any" || choice === "slowest") return "no worker is ready";
  return "slot" in choice
    ? `there is no worker ${choice.slot}`
    : "the worker has gone";
}

/** How a worker ended in the middle of an inspection. */
function endOf({ killReason, isLeaving, exit }: WorkerHandle): string {
  if (killReason) return `it was killed: ${killReason}`;
  if (isLeaving) return "it has left";
  return exit?.signal
    ? `it died by ${exit.signal}`
    : `it exited with code ${exit?.code}`;
}
