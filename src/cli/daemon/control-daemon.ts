/** Sends a daemon a control call and reports its outcome. */
import type {
  ControlLine,
  ControlOutcome,
  ControlProgress,
} from "../../shared/control/control-answer.ts";
import type { DaemonTarget } from "../command-line/daemon-flags.ts";
import type { Output } from "../display/visible-output.ts";
import { exitCode } from "../exit-code.ts";
import { askDaemon } from "./ask-daemon.ts";
import { outcomeIn } from "./outcome-in.ts";

export interface ControlCall {
  /** Begins the message of a failure. */
  readonly name: string;
  /** After `/control/`; with the query, except for `wait`. */
  readonly path: string;
  /** Whether the answer comes with the end, and with lines of progress. */
  readonly wait: "no" | "silent" | "progress";
  /** The line that is printed when the call has begun. */
  readonly begun: (outcome: ControlOutcome) => string;
  /** The line that is printed when it has succeeded. */
  readonly done: (outcome: ControlOutcome) => string;
  /** Delays the report after an outcome that was waited for. */
  readonly settle?: (pid: number) => Promise<void>;
}

/**
 * @returns the exit code
 * @throws Error if the daemon ends without an outcome, or answers otherwise
 */
export function controlDaemon(
  target: DaemonTarget,
  call: ControlCall,
): Promise<number> {
  return askDaemon(target, async ({ client, status }, output) => {
    const showsProgress = call.wait === "progress";
    const path = pathOf(call);
    const outcome = showsProgress
      ? await lastOutcome(client.postForLines(path), output)
      : outcomeIn((await client.post(path)).body);
    if (showsProgress) await call.settle?.(status.pid);
    return report(outcome, call, output);
  });
}

function pathOf({ path, wait }: ControlCall): string {
  if (wait === "no") return `/control/${path}`;
  const separator = path.includes("?") ? "&" : "?";
  const value = wait === "progress" ? "progress" : "";
  return `/control/${path}${separator}wait=${value}`;
}

async function lastOutcome(
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

function progressText(progress: ControlProgress): string {
  const { slot, pid, generation, ready, wanted } = progress;
  const worker = `worker ${slot} ready (pid ${pid}, generation ${generation})`;
  return `${worker}: ${ready} of ${wanted}`;
}

function report(
  outcome: ControlOutcome,
  { name, begun, done }: ControlCall,
  { out, err }: Output,
): number {
  const { result, error = "", isSuperseded, warnings = [] } = outcome;
  for (const warning of warnings) err(`warning: ${warning}`);
  if (isSuperseded) out("a later reload took the place of this one");
  switch (result) {
    case "begun":
      out(begun(outcome));
      return exitCode.done;
    case "success":
      out(done(outcome));
      return exitCode.done;
    case "failure":
      err(`${name} failed: ${error}`);
      return exitCode.failed;
    case "refused":
      err(`${name} refused: ${error}`);
      return exitCode.failed;
    default:
      return result satisfies never;
  }
}
