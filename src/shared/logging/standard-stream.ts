/**
 * Writes lines to the standard output and error without blocking. Non-blocking
 * mode is a property of the open file, which other processes share: children
 * of the app, or a shell. Therefore a pipe or a terminal is opened again. A
 * socket, or a pipe of another user, cannot be opened again. For these,
 * non-blocking mode is set before each write, because libuv resets it whenever
 * it starts a process.
 */
import { constants, fstatSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { setBlocking } from "../node-internals/set-blocking.ts";
import { BoundedOutput, type Outlet } from "./bounded-output.ts";

const STDOUT = 1;
const STDERR = 2;

type StandardFd = typeof STDOUT | typeof STDERR;

let standardOutput: BoundedOutput | undefined;
let standardError: BoundedOutput | undefined;

/** Whether the standard output is a terminal. */
export function isOnTerminal(): boolean {
  return isatty(STDOUT);
}

/** Whether the standard output shows colours: see https://no-color.org. */
export function hasColors({ NO_COLOR = "", TERM }: NodeJS.ProcessEnv): boolean {
  return isOnTerminal() && NO_COLOR === "" && TERM !== "dumb";
}

export function standardOutlet(fd: StandardFd): Outlet {
  try {
    // Bigint: realpath() of Node.js 20 reuses the result buffer of the last
    // stat, and does not resolve links if that was of a pipe.
    const stats = fstatSync(fd, { bigint: true });
    // A file opened again has its own position, and would overwrite lines.
    if (stats.isFile()) return { fd };
    if (!stats.isSocket()) return openAgain(fd);
  } catch {
    // A pipe of another user, no free descriptor, or no /proc.
  }
  return nonBlocking(fd);
}

/** For all log lines of this process; created on first use. */
export function standardOutputLines(): BoundedOutput {
  standardOutput ??= new BoundedOutput({ outlet: standardOutlet(STDOUT) });
  return standardOutput;
}

/** For messages that cannot go to the log; created on first use. */
export function standardErrorLines(): BoundedOutput {
  standardError ??= new BoundedOutput({ outlet: standardOutlet(STDERR) });
  return standardError;
}

function openAgain(fd: StandardFd): Outlet {
  const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  const how = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY;
  return { fd: openSync(`/proc/self/fd/${fd}`, how) };
}

function nonBlocking(fd: StandardFd): Outlet {
  const stream = fd === STDOUT ? process.stdout : process.stderr;
  return { fd, prepare: () => void setBlocking(stream, false) };
}
