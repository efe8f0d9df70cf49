import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { BoundedOutput, type Outlet } from "./bounded-output.ts";
import type { Importance, LineSink } from "./line-output.ts";
import { standardErrorLines, standardOutlet } from "./standard-stream.ts";

const STDOUT = 1;
/** Of its group at the most: lines name clients and what they asked for. */
const MODE = 0o640;
const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Opens a file to which lines are added.
 *
 * @param flags further ones, as `O_NOFOLLOW`
 * @throws Error where it cannot be opened, or is neither a file nor a device
 */
export function openLogFile(path: string, flags = 0): number {
  // A pipe may have come to be there: nobody may read it.
  const all = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | flags;
  const fd = openSync(path, all, MODE);
  // As bigints: see `standardOutlet()`.
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isFile() || stats.isCharacterDevice()) return fd;
  closeSync(fd);
  throw new Error("it is not a file");
}

/**
 * A file that several processes add lines to. A line is written with one call
 * and O_APPEND: it is whole, wherever the lines of others end up.
 *
 * Nothing here throws: an app must not fail because its log cannot be written.
 * What goes wrong is said on the standard error, once.
 */
export class LogFile implements LineSink {
  readonly path: string;
  readonly #opener: (path: string) => number;
  readonly #output: BoundedOutput;
  #fd: number | undefined;
  #problem: string | undefined;
  /** Since it could be written last. */
  #lostLines = 0;

  /** Lines go to the standard output where it cannot be opened. */
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

  /** Why it could not be opened when that was tried last. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Begins a new file where the old one was renamed, or the same one again;
   * where it cannot be opened the old one goes on.
   *
   * @returns whether it was opened
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
