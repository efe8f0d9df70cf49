/** Starts the operations of control calls, and reports their results. */
import type {
  ControlAction,
  ControlLine,
  ControlOutcome,
  ControlProgress,
} from "../../shared/control/control-answer.ts";
import type { LogFile } from "../../shared/logging/log-file.ts";
import { MAX_WORKERS } from "../../shared/max-workers.ts";
import type { LogQuery, LogStreams } from "../logs/log-streams.ts";
import { readLogQuery } from "../logs/read-log-query.ts";
import type { CommandLoop } from "../supervisor/command-loop.ts";
import type { LogLevelReport } from "../supervisor/log-levels.ts";
import type { ReloadEnd } from "../supervisor/rollout/reload-outcome.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import {
  type AdminActions,
  type AdminAnswer,
  type AdminRequest,
  type AdminStream,
  jsonAnswer,
} from "./admin-server.ts";
import { type LevelChange, readLogLevel } from "./read-log-level.ts";

export interface ControlParts {
  readonly loop: Pick<CommandLoop, "enqueue">;
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly logFile: LogFile | undefined;
  readonly logStreams: Pick<LogStreams, "refusal" | "open">;
}

export class Control implements ControlActions {
  readonly #parts: ControlParts;
  readonly #listeners = new Set<(progress: ControlProgress) => void>();
  #resolveStopped: (() => void)[] = [];

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  refusal(action: ControlAction): string | undefined {
    const { server, logFile } = this.#parts;
    if (server.isStopping) {
      return action === "stop" ? undefined : "the server is stopping";
    }
    switch (action) {
      case "reload":
        return server.reloadRefusal;
      case "upgrade":
        return server.upgradeRefusal;
      case "stop":
      case "scale":
      case "logLevel":
      case "logs":
        return undefined;
      case "reopenLogs":
        return logFile ? undefined : "there is no logFile to open anew";
      default:
        return action satisfies never;
    }
  }

  reload(): Promise<ReloadEnd> {
    const { loop, server } = this.#parts;
    loop.enqueue({ type: "reload" });
    return server.whenReloadIsDecided();
  }

  async upgrade(): Promise<Ending> {
    const { loop, server } = this.#parts;
    const ended = server.whenUpgradeEnds();
    loop.enqueue({ type: "upgrade" });
    const { result, pid, error = "" } = await ended;
    if (result !== "success") return { result, error };
    return { result, ...(pid !== undefined && { pid }) };
  }

  scaleTo(workers: number): number {
    const { loop, server } = this.#parts;
    loop.enqueue({ type: "scaleTo", workers });
    return server.target;
  }

  reopenLogs(): Ending {
    const { loop, logFile } = this.#parts;
    loop.enqueue({ type: "reopenLogs" });
    const error = logFile?.problem;
    return error ? { result: "failure", error } : { result: "success" };
  }

  setLogLevel(change: LevelChange): LogLevelReport {
    const { loop, server } = this.#parts;
    loop.enqueue({ type: "setLogLevel", ...change });
    return server.logLevel;
  }

  logs(query: LogQuery): AdminStream | string {
    const { logStreams } = this.#parts;
    return logStreams.refusal(query) ?? logStreams.open(query);
  }

  stop(how: "terminate" | "now"): Promise<Ending> {
    const stopped = new Promise<Ending>((resolve) => {
      this.#resolveStopped.push(() => resolve({ result: "success" }));
    });
    this.#parts.loop.enqueue({ type: "stop", how });
    return stopped;
  }

  onProgress(listener: (progress: ControlProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- events of the master

  onReady({ slot, pid, generation }: WorkerHandle): void {
    const { server, pool } = this.#parts;
    const { generation: current, target: wanted } = server;
    const ready = pool.workers.filter((worker) => {
      return worker.state === "ready" && worker.generation === current;
    }).length;
    for (const listener of this.#listeners) {
      listener({ slot, pid, generation, ready, wanted });
    }
  }

  onStopped(): void {
    for (const resolve of this.#resolveStopped) resolve();
    this.#resolveStopped = [];
  }
}

/** Result of an operation. */
export type Ending =
  | { readonly result: "success"; readonly pid?: number }
  | { readonly result: "failure" | "refused"; readonly error: string };

/**
 * The operations of control calls. Each puts a command into the supervisor's
 * queue; a promise resolves when the operation has ended.
 */
export interface ControlActions {
  /** Reason why the action cannot start now; undefined if it can. */
  refusal(action: ControlAction): string | undefined;
  reload(): Promise<ReloadEnd>;
  upgrade(): Promise<Ending>;
  /** @returns the new number of workers, which bounds may limit */
  scaleTo(workers: number): number;
  /** Resolves just before the master exits. */
  stop(how: "terminate" | "now"): Promise<Ending>;
  reopenLogs(): Ending;
  /** @returns why there are none, as a text */
  logs(query: LogQuery): AdminStream | string;
  /** @returns the level that is now in force */
  setLogLevel(change: LevelChange): LogLevelReport;
  /** @returns a function that removes the listener */
  onProgress(listener: (progress: ControlProgress) => void): () => void;
}

const STATUS_OF: Readonly<Record<ControlOutcome["result"], number>> = {
  begun: 202,
  success: 200,
  failure: 500,
  refused: 409,
};

/** The result of an action, without its name. */
type Outcome = Omit<ControlOutcome, "action">;

/** Answers at once, or with `?wait` when the action has ended. */
export function controlRoutes(
  actions: ControlActions,
  onCall: (action: ControlAction) => void = () => {},
): AdminActions {
  const begin = (
    request: AdminRequest,
    action: ControlAction,
    run: () => Promise<Outcome>,
  ): AdminAnswer | AdminStream | Promise<AdminAnswer> => {
    onCall(action);
    const error = actions.refusal(action);
    if (error !== undefined) {
      return answerOf({ action, result: "refused", error });
    }
    const ended = run().then((outcome) => ({ action, ...outcome }));
    // Only a waiting client needs the error.
    ended.catch(() => {});
    const wait = request.query.get("wait");
    if (wait === null) return answerOf({ action, result: "begun" });
    if (wait === "progress") return progressOf(actions, ended);
    return ended.then(answerOf);
  };

  const reload = (request: AdminRequest) => {
    return begin(request, "reload", () => actions.reload().then(outcomeOf));
  };
  const upgrade = (request: AdminRequest) => {
    return begin(request, "upgrade", () => actions.upgrade());
  };
  const stop = (request: AdminRequest) => {
    const how = request.query.has("now") ? "now" : "terminate";
    return begin(request, "stop", () => actions.stop(how));
  };
  const scaleTo = (request: AdminRequest) => {
    onCall("scale");
    return scale(request, actions);
  };
  const reopenLogs = (request: AdminRequest) => {
    return begin(request, "reopenLogs", async () => actions.reopenLogs());
  };
  const setLogLevel = (request: AdminRequest) => {
    onCall("logLevel");
    return changeLogLevel(request, actions);
  };
  // Not told to `onCall`: it changes nothing, and would be in its own answer.
  const logs = ({ query }: AdminRequest) => sendLogs(query, actions);
  return new Map([
    ["/control/reload", reload],
    ["/control/upgrade", upgrade],
    ["/control/scale", scaleTo],
    ["/control/stop", stop],
    ["/control/logs", logs],
    ["/control/logs/reopen", reopenLogs],
    ["/control/log-level", setLogLevel],
  ]);
}

function outcomeOf(end: ReloadEnd): Outcome {
  const { result, error, warnings, generation, isSuperseded } = end;
  const isKept = result === "success" || result === "refused";
  return {
    result: isKept ? result : "failure",
    ...(error !== undefined && { error }),
    ...(warnings && { warnings }),
    ...(generation !== undefined && { generation }),
    ...(isSuperseded && { isSuperseded }),
  };
}

function scale({ query }: AdminRequest, actions: ControlActions): AdminAnswer {
  const action = "scale";
  const text = query.get("workers") ?? "";
  const workers = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (workers < 1 || workers > MAX_WORKERS) {
    const error = `workers must be an integer, 1 to ${MAX_WORKERS}`;
    return jsonAnswer(400, { action, result: "refused", error });
  }
  const error = actions.refusal(action);
  if (error !== undefined) {
    return answerOf({ action, result: "refused", error });
  }
  const wanted = actions.scaleTo(workers);
  return answerOf({ action, result: "begun", workers: wanted });
}

/** Also while the server stops: its last lines matter most. */
function sendLogs(
  query: URLSearchParams,
  actions: ControlActions,
): AdminAnswer | AdminStream {
  const action = "logs";
  const wanted = readLogQuery(query);
  if (typeof wanted === "string") {
    return jsonAnswer(400, { action, result: "refused", error: wanted });
  }
  const found = actions.logs(wanted);
  if (typeof found !== "string") return found;
  return answerOf({ action, result: "refused", error: found });
}

function changeLogLevel(
  { query }: AdminRequest,
  actions: ControlActions,
): AdminAnswer {
  const action = "logLevel";
  const change = readLogLevel(query);
  if (typeof change === "string") {
    return jsonAnswer(400, { action, result: "refused", error: change });
  }
  const error = actions.refusal(action);
  if (error !== undefined) {
    return answerOf({ action, result: "refused", error });
  }
  const { level, configured } = actions.setLogLevel(change);
  return answerOf({ action, result: "success", level, configured });
}

function answerOf(outcome: ControlOutcome): AdminAnswer {
  return jsonAnswer(STATUS_OF[outcome.result], outcome);
}

/** One line of JSON for each worker that becomes ready, then the outcome. */
function progressOf(
  actions: ControlActions,
  ended: Promise<ControlOutcome>,
): AdminStream {
  const body = async (write: (text: string) => void) => {
    const send = (line: ControlLine) => write(`${JSON.stringify(line)}\n`);
    const stop = actions.onProgress((progress) => send({ progress }));
    try {
      send({ outcome: await ended });
    } finally {
      stop();
    }
  };
  return { status: 200, contentType: "application/x-ndjson", body };
}
