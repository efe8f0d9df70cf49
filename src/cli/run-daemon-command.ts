import type { DaemonCommand } from "../shared/config/daemon-command.ts";
import { findDaemon } from "./find-daemon.ts";
import { runAction } from "./run-action.ts";
import type { Status } from "./status.ts";
import { statusText } from "./status-text.ts";
import { runTop } from "./top.ts";
import { visible, withVisibleText } from "./visible.ts";

const EXIT_DONE = 0;
const EXIT_NOT_READY = 1;

const output = {
  out: (line: string) => process.stdout.write(`${visible(line)}\n`),
  err: (line: string) => process.stderr.write(`remuda: ${visible(line)}\n`),
};

/**
 * Asks a running daemon.
 *
 * @returns the exit code: 0 done, 1 it failed, or is not ready
 * @throws NoDaemonError where none can be asked
 */
export async function runDaemonCommand(
  command: DaemonCommand,
): Promise<number> {
  // Who reads no further, as `head`, has seen enough; the outcome counts.
  process.stdout.on("error", () => {});
  try {
    return await run(command);
  } catch (error) {
    throw withVisibleText(error);
  }
}

async function run(command: DaemonCommand): Promise<number> {
  if (command.command === "top") return runTop(command);
  const daemon = await findDaemon(command.target);
  switch (command.command) {
    case "status":
      return showStatus(daemon.status, command.asJson);
    case "ready":
      return tellReadiness(daemon.status);
    default:
      return runAction(command, daemon, output);
  }
}

function showStatus(status: Status, asJson: boolean): number {
  const text = asJson
    ? `${JSON.stringify(status, null, 2)}\n`
    : statusText(status);
  process.stdout.write(visible(text));
  return EXIT_DONE;
}

/** For health checks: they keep the last line, and go by the exit code. */
function tellReadiness({ isReady, readiness }: Status): number {
  output.out(`${isReady ? "ready" : "not ready"}: ${readiness}`);
  return isReady ? EXIT_DONE : EXIT_NOT_READY;
}
