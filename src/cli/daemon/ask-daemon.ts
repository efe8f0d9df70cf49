import type { DaemonTarget } from "../command-line/daemon-flags.ts";
import { type Output, withVisibleOutput } from "../display/visible-output.ts";
import { type FoundDaemon, findDaemon } from "./find-daemon.ts";

/**
 * Finds a running daemon and does something with it.
 *
 * @returns the exit code that `ask` returns
 * @throws NoDaemonError where there is none, or more than one
 */
export function askDaemon(
  target: DaemonTarget,
  ask: (daemon: FoundDaemon, output: Output) => Promise<number>,
): Promise<number> {
  return withVisibleOutput(async (output) => {
    return ask(await findDaemon(target), output);
  });
}
