import type { DaemonCommand } from "../shared/config/daemon-command.ts";
import { findDaemon } from "./find-daemon.ts";
import { runAction } from "./run-action.ts";
import { statusText } from "./status-text.ts";
import { runTop } from "./top.ts";

const EXIT_DONE = 0;

const output = {
  out: (line: string) => process.stdout.write(`${line}\n`),
  err: (line: string) => process.stderr.write(`remuda: ${line}\n`),
};

/**
 * Asks a running daemon.
 *
 * @returns the exit code: 0 done, 1 it failed
 * @throws NoDaemonError where none can be asked
 */
export async function runDaemonCommand(
  command: DaemonCommand,
): Promise<number> {
  // Who reads no further, as `head`, has seen enough; the outcome counts.
  process.stdout.on("error", () => {});
  if (command.command === "top") return runTop(command);
  const daemon = await findDaemon(command.target);
  if (command.command !== "status") return runAction(command, daemon, output);
  const { status } = daemon;
  process.stdout.write(
    command.asJson
      ? `${JSON.stringify(status, null, 2)}\n`
      : statusText(status),
  );
  return EXIT_DONE;
}
