/**
 * How lines get to the standard output and error without waiting for their
 * reader. Whether a write waits belongs to what was opened, which other
 * processes have too: the app's children, a shell. So a pipe or a terminal is
 * opened once more. A socket cannot be, and a pipe of another user neither:
 * there it is set before each write, as libuv takes it back with each process
 * that it starts.
 */
import { constants, fstatSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { BoundedOutput, type Outlet } from "./bounded-output.ts";

const STDOUT = 1;
const STDERR = 2;

type StandardFd = typeof STDOUT | typeof STDERR;

/** Handle of libuv below a `node:net` stream; see lib/net.js, Node 20 to 26. */
interface StreamWithHandle {
  readonly _handle?: { setBlocking?(isBlocking: boolean): number };
}

let standardOutput: BoundedOutput | undefined;
let standardError: BoundedOutput | undefined;

/** Whether a person may be reading the standard output. */
export function isOnTerminal(): boolean {
  return isatty(STDOUT);
}

export function standardOutlet(fd: StandardFd): Outlet {
  try {
    // As bigints: realpath() of Node looks at the numbers of the last stat, and
    // leaves links as they are where that was of a pipe (Node 20).
    const stats = fstatSync(fd, { bigint: true });
    // Which would have a position of its own: lines would be overwritten.
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

/** For what must be said where the log cannot; made when first used. */
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
  const stream: object = fd === STDOUT ? process.stdout : process.stderr;
  const { _handle: handle } = stream as StreamWithHandle;
  if (!handle?.setBlocking) return { fd };
  return { fd, prepare: () => handle.setBlocking?.(false) };
}
