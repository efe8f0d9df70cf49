/** Tells a daemon to do something, and says how that went. */
import { setTimeout as delay } from "node:timers/promises";
import type { DaemonCommand } from "../shared/config/daemon-command.ts";
import type {
  ControlLine,
  ControlOutcome,
  ControlProgress,
} from "../shared/control/control-answer.ts";
import type { FoundDaemon } from "./find-daemon.ts";

export type ActionCommand = Exclude<
  DaemonCommand,
  { readonly command: "status" | "ready" | "top" }
>;

/** Where lines go. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

const EXIT_DONE = 0;
const EXIT_FAILED = 1;

/** Once it has said that it stopped, so long may its process take to leave. */
const LEAVE_TIMEOUT_MS = 5_000;
const LEAVE_POLL_MS = 20;

/** @returns the exit code */
export async function runAction(
  command: ActionCommand,
  { client, status }: FoundDaemon,
  output: Output,
): Promise<number> {
  const waits = "wait" in command && command.wait;
  const path = pathOf(command);
  const outcome = waits
    ? await lastOf(client.postForLines(path), output)
    : outcomeIn((await client.post(path)).body);
  if (outcome.action === "stop" && waits) await untilGone(status.pid);
  const asked = command.command === "scale" ? command.workers : undefined;
  if (asked !== undefined && (outcome.workers ?? asked) > asked) {
    output.out(`${asked} would be fewer than minReady asks for`);
  }
  return tell(outcome, output);
}

function pathOf(command: ActionCommand): string {
  const query = new URLSearchParams();
  if ("wait" in command && command.wait) query.set("wait", "progress");
  switch (command.command) {
    case "scale":
      query.set("workers", String(command.workers));
      break;
    case "stop":
      if (command.now) query.set("now", "");
      break;
    case "logs reopen":
      query.set("wait", "");
      break;
    case "reload":
    case "upgrade":
      break;
    default:
      command satisfies never;
  }
  const name = command.command.replace(" ", "/");
  return `/control/${name}${query.size > 0 ? `?${query}` : ""}`;
}

async function lastOf(
  lines: AsyncIterable<string>,
  { out }: Output,
): Promise<ControlOutcome> {
  let outcome: ControlOutcome | undefined;
  try {
    for await (const text of lines) {
      if (!text.startsWith('{"')) return outcomeIn(text);
      const line = JSON.parse(text) as ControlLine;
      if ("outcome" in line) outcome = line.outcome;
      else out(progressText(line.progress));
    }
  } catch (cause) {
    const message = "the daemon went away before it said how it ended";
    if (!outcome) throw new Error(message, { cause });
  }
  if (outcome) return outcome;
  throw new Error("the daemon did not say how it ended");
}

/** @throws Error with what the daemon says instead */
function outcomeIn(body: string): ControlOutcome {
  let outcome: Partial<ControlOutcome> = {};
  try {
    outcome = JSON.parse(body);
  } catch {
    // A text then.
  }
  if (outcome.action && outcome.result) return outcome as ControlOutcome;
  throw new Error(`the daemon answered: ${body.trim()}`);
}

function progressText(progress: ControlProgress): string {
  const { slot, pid, generation, ready, wanted } = progress;
  const which = `worker ${slot} ready (pid ${pid}, generation ${generation})`;
  return `${which}: ${ready} of ${wanted}`;
}

function tell(outcome: ControlOutcome, { out, err }: Output): number {
  const { action, result, error = "", isSuperseded, warnings = [] } = outcome;
  for (const warning of warnings) err(`warning: ${warning}`);
  if (isSuperseded) out("a later reload took the place of this one");
  const name = action === "reopenLogs" ? "logs reopen" : action;
  switch (result) {
    case "begun":
      out(begunText(outcome));
      return EXIT_DONE;
    case "success":
      out(successText(outcome));
      return EXIT_DONE;
    case "failure":
      err(`${name} failed: ${error}`);
      return EXIT_FAILED;
    case "refused":
      err(`${name} refused: ${error}`);
      return EXIT_FAILED;
    default:
      return result satisfies never;
  }
}

function begunText({ action, workers }: ControlOutcome): string {
  switch (action) {
    case "reload":
      return "reloading; remuda status shows how it goes";
    case "upgrade":
      return "upgrading; remuda status shows how it goes";
    case "scale":
      return `scaling to ${workers} workers`;
    case "stop":
      return "stopping";
    case "reopenLogs":
      return "log files are opened anew";
    default:
      return action satisfies never;
  }
}

function successText(outcome: ControlOutcome): string {
  const { action, generation, pid } = outcome;
  switch (action) {
    case "reload":
      return `reloaded: generation ${generation}`;
    case "upgrade":
      return `upgraded: the master's pid is ${pid} now`;
    case "scale":
    case "reopenLogs":
      return begunText(outcome);
    case "stop":
      return "stopped";
    default:
      return action satisfies never;
  }
}

/** So that its ports and files are free for what follows. */
async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + LEAVE_TIMEOUT_MS;
  while (isAlive(pid) && performance.now() < deadline) {
    await delay(LEAVE_POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
