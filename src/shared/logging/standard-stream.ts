/**
 * Writes lines to the standard output and error without waiting for their
 * reader. Whether a write blocks is a property of the open file, which other
 * processes share: the app's children, a shell. So a pipe or a terminal is
 * opened once more. A socket and another user's pipe cannot be opened again:
 * there non-blocking mode is set before each write, because libuv resets it
 * whenever it starts a process.
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

export function standardOutlet(fd: StandardFd): Outlet {
  try {
    // As bigints: Node 20's realpath() reads the numbers of the last stat, and
    // does not resolve links if that was of a pipe.
    const stats = fstatSync(fd, { bigint: true });
    // A file opened again has its own position: lines would be overwritten.
    if (stats.isFile()) return { fd };
    if (!stats.isSocket()) return openAgain(fd);
  } catch {
    // Another user's, no descriptors left, or no /proc.
  }
  return nonBlocking(fd);
}

/** For all lines of this process; made when first used. */
export function standardOutputLines(): BoundedOutput {
  standardOutput ??= new BoundedOutput({ outlet: standardOutlet(STDOUT) });
  return standardOutput;
}

/** For messages that cannot go to the log; made when first used. */
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
