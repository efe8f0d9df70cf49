/**
 * The file that has the master's pid, for whoever sends it signals.
 *
 * It is written when the sockets are bound: whoever finds a pid in it may send
 * signals, and two daemons that want the same socket never fight for the file.
 */
import fs from "node:fs";
import path from "node:path";
import { readSmallFile } from "../../shared/read-small-file.ts";
import { StartError } from "../start-error.ts";
import { PrivilegedFiles } from "./privileged-files.ts";
import { isOlderThanFile } from "./process-age.ts";

/** Enough for a pid and a line end. */
const MAX_BYTES = 64;

export interface PidFileOptions {
  /** A master that gives way to this one. */
  readonly predecessor?: number | undefined;
  /** Creates the file. */
  readonly files?: PrivilegedFiles;
}

export class PidFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes our pid. What a daemon that is gone left behind is replaced.
   *
   * @throws StartError where another daemon has it, or it cannot be written
   */
  static write(file: string, options: PidFileOptions = {}): PidFile {
    const { files = new PrivilegedFiles(), predecessor } = options;
    return files.make(temporaryOf(file), () => {
      return PidFile.#write(file, files, predecessor);
    });
  }

  static #write(
    file: string,
    files: PrivilegedFiles,
    predecessor: number | undefined,
  ): PidFile {
    const other = ownerOf(file);
    if (other !== undefined && other !== predecessor) {
      throw new StartError({
        message: `pidFile ${file} is that of process ${other}, which runs`,
      });
    }
    try {
      replace(file, `${process.pid}\n`, files);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code ?? message;
      throw new StartError({
        message: `cannot write pidFile ${file} (${why})`,
      });
    }
    return new PidFile(file);
  }

  /** Unless it has another master's pid by now. */
  remove(): void {
    if (readPid(this.#path) !== process.pid) return;
    try {
      fs.rmSync(this.#path, { force: true });
    } catch {
      // Its folder may belong to root, whom we have ceased to be.
      empty(this.#path);
    }
  }
}

/** The other process that the file speaks of, where that is a live one. */
function ownerOf(file: string): number | undefined {
  const pid = readPid(file);
  if (pid === undefined || pid === process.pid) return undefined;
  return isAlive(pid) && isOlderThanFile(pid, file) ? pid : undefined;
}

function readPid(file: string): number | undefined {
  try {
    const text = readSmallFile(file, MAX_BYTES).content.toString("latin1");
    const [pid] = /^\d{1,10}(?=\s*$)/.exec(text) ?? [];
    return pid === undefined || Number(pid) === 0 ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A reader sees the old text or the new one, never half of it. */
function replace(file: string, text: string, files: PrivilegedFiles): void {
  const temporary = temporaryOf(file);
  try {
    writeNew(temporary, text, files);
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    const isRefused = code === "EACCES" || code === "EPERM";
    if (!isRefused || !fs.existsSync(file)) throw error;
    // The folder is root's; the file, from before, may be ours.
    fs.writeFileSync(file, text, { flag: "r+" });
  }
}

function temporaryOf(file: string): string {
  const name = `.${path.basename(file)}.${process.pid}`;
  return path.join(path.dirname(file), name);
}

/** A link in its place is refused: the file must not be there. */
function writeNew(file: string, text: string, files: PrivilegedFiles): void {
  const fd = fs.openSync(file, "wx", 0o644);
  try {
    fs.writeFileSync(fd, text);
    files.giveDescriptor(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function empty(file: string): void {
  try {
    fs.truncateSync(file);
  } catch {
    // Whoever reads it finds that the process is gone.
  }
}
