import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { BoundedOutput, type Outlet } from "./bounded-output.ts";
import type { Importance, LineSink } from "./line-output.ts";
import { standardErrorLines, standardOutlet } from "./standard-stream.ts";

const STDOUT = 1;
/** At most the group may read: lines contain client addresses and URLs. */
const MODE = 0o640;
const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Opens a file for appending, and creates it if it does not exist.
 *
 * @param flags additional flags, for example `O_NOFOLLOW`
 * @throws Error if it cannot be opened, or is neither a file nor a device
 */
export function openLogFile(path: string, flags = 0): number {
  // NONBLOCK: opening a pipe without a reader would block.
  const all = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | flags;
  const fd = openSync(path, all, MODE);
  // Bigint: see `standardOutlet()`.
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isFile() || stats.isCharacterDevice()) return fd;
  closeSync(fd);
  throw new Error("it is not a file");
}

/**
 * A file to which several processes append lines. Each line is written by one
 * call with O_APPEND, so lines of other processes do not split it.
 *
 * Nothing here throws, because an app must not fail if its log cannot be
 * written. Problems are reported once on the standard error.
 */
export class LogFile implements LineSink {
  readonly path: string;
  readonly #opener: (path: string) => number;
  readonly #output: BoundedOutput;
  #fd: number | undefined;
  #problem: string | undefined;
  /** Lines lost since the last successful write. */
  #lostLines = 0;

  /** If the file cannot be opened, lines go to the standard output. */
  constructor(path: string, open: (path: string) => number = openLogFile) {
    this.path = path;
    this.#opener = open;
    this.#output = new BoundedOutput({
      outlet: this.#open() ?? standardOutlet(STDOUT),
      onFailed: (error, lines) => this.#onFailed(error, lines),
      onWritten: () => this.#onWritten(),
    });
  }

  set onDropped(listener: (lines: number) => void) {
    this.#output.onDropped = listener;
  }

  /** Why the last attempt to open the file failed. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Opens the path again, which creates a new file if the old one was renamed.
   * If that fails, lines continue to go to the old file.
   *
   * @returns whether the file was opened
   */
  reopen(): boolean {
    const before = this.#fd;
    const outlet = this.#open();
    if (!outlet) return false;
    this.#output.redirect(outlet);
    if (before !== undefined) closeSync(before);
    return true;
  }

  write(lines: string, importance?: Importance): void {
    this.#output.write(lines, importance);
  }

  #open(): Outlet | undefined {
    try {
      const fd = this.#opener(this.path);
      this.#fd = fd;
      this.#problem = undefined;
      return { fd };
    } catch (error) {
      const isFirst = this.#fd === undefined;
      const goesTo = isFirst ? "the standard output" : "the old file";
      this.#problem = (error as Error).message;
      this.#complain(`cannot be opened; lines go on to ${goesTo}`, error);
      return undefined;
    }
  }

  #onFailed(error: unknown, lines: number): void {
    if (this.#lostLines === 0) {
      this.#complain("cannot be written; lines are lost", error);
    }
    this.#lostLines += lines;
  }

  #onWritten(): void {
    if (this.#lostLines === 0) return;
    const lost = this.#lostLines;
    this.#lostLines = 0;
    this.#complain(`can be written again; lines lost: ${lost}`);
  }

  #complain(what: string, error?: unknown): void {
    const cause = error instanceof Error ? `: ${error.message}` : "";
    standardErrorLines().write(
      `remuda: log file ${this.path} ${what}${cause}\n`,
    );
  }
}
