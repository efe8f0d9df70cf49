import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { LineSink } from "./line-output.ts";

const STDOUT = 1;
const STDERR = 2;
/** Of its group at the most: lines name clients and what they asked for. */
const MODE = 0o640;
const { O_APPEND, O_CREAT, O_NOCTTY, O_WRONLY } = constants;

/**
 * Opens a file to which lines are added.
 *
 * @param flags further ones, as `O_NOFOLLOW`
 * @throws Error where it cannot be opened, or is neither a file nor a device
 */
export function openLogFile(path: string, flags = 0): number {
  const all = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | flags;
  const fd = openSync(path, all, MODE);
  const stats = fstatSync(fd);
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
  readonly #open: (path: string) => number;
  #fd = STDOUT;
  #problem: string | undefined;
  /** Since it could be written last. */
  #lostLines = 0;
  /** Whether the last line in it has no end. */
  #isCut = false;

  /** Lines go to the standard output where it cannot be opened. */
  constructor(path: string, open: (path: string) => number = openLogFile) {
    this.path = path;
    this.#open = open;
    this.reopen();
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
    try {
      this.#fd = this.#open(this.path);
    } catch (error) {
      const goesTo = before === STDOUT ? "the standard output" : "the old file";
      this.#problem = (error as Error).message;
      this.#complain(`cannot be opened; lines go on to ${goesTo}`, error);
      return false;
    }
    this.#problem = undefined;
    this.#isCut = false;
    if (before !== STDOUT) closeSync(before);
    return true;
  }

  write(lines: string): void {
    try {
      this.#writeAll(this.#isCut ? `\n${lines}` : lines);
    } catch (error) {
      if (this.#lostLines === 0) {
        this.#complain("cannot be written; lines are lost", error);
      }
      this.#lostLines += lines.split("\n").length - 1;
      return;
    }
    if (this.#lostLines === 0) return;
    const lost = this.#lostLines;
    this.#lostLines = 0;
    this.#complain(`can be written again; lines lost: ${lost}`);
  }

  #writeAll(lines: string): void {
    let rest = Buffer.from(lines);
    while (rest.length > 0) {
      const written = writeSync(this.#fd, rest);
      rest = rest.subarray(written);
      // A full disk takes a part of it first.
      this.#isCut = rest.length > 0;
    }
  }

  #complain(what: string, error?: unknown): void {
    const cause = error instanceof Error ? `: ${error.message}` : "";
    const text = `remuda: log file ${this.path} ${what}${cause}\n`;
    try {
      writeSync(STDERR, text);
    } catch {
      // Then there is nobody to tell.
    }
  }
}
