/**
 * The file with the master's pid, for programs that send it signals.
 *
 * It is written after the sockets are bound: from then on the master handles
 * signals, and of two daemons with the same socket only one continues.
 */
import fs from "node:fs";
import path from "node:path";
import { readSmallFile } from "../../shared/files/read-small-file.ts";
import { StartError } from "../start-error.ts";
import { PrivilegedFiles } from "./privileged-files.ts";
import { processStat } from "./process-facts.ts";

/** Unit of times in /proc, independent of the kernel's internal clock. */
const TICKS_PER_SECOND = 100;
/** Needed because clocks are adjusted, and file times are coarse. */
const AGE_TOLERANCE_SECONDS = 2;

/** Enough for a pid and a line end. */
const MAX_BYTES = 64;

export interface PidFileOptions {
  /** Pid of the master that this one replaces. */
  readonly outgoingPid?: number | undefined;
  /** Creates the file. */
  readonly files?: PrivilegedFiles;
}

export class PidFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes this process's pid, replacing that of a dead daemon.
   *
   * @throws StartError if it has the pid of a live daemon, or is not writable
   */
  static write(file: string, options: PidFileOptions = {}): PidFile {
    const { files = new PrivilegedFiles(), outgoingPid } = options;
    return files.make(temporaryOf(file), () => {
      return PidFile.#write(file, files, outgoingPid);
    });
  }

  static #write(
    file: string,
    files: PrivilegedFiles,
    outgoingPid: number | undefined,
  ): PidFile {
    const other = ownerOf(file);
    if (other !== undefined && other !== outgoingPid) {
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

  /** Does nothing if the file has another master's pid. */
  remove(): void {
    if (readPid(this.#path) !== process.pid) return;
    try {
      fs.rmSync(this.#path, { force: true });
    } catch {
      // The folder may belong to root, and this process has dropped its rights.
      empty(this.#path);
    }
  }
}

/** Pid of another live process that wrote the file. */
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

/**
 * Pids are reused: a process that started after the file was written did not
 * write it. Returns true if the ages are unknown, as on systems other than
 * Linux.
 */
function isOlderThanFile(pid: number, file: string): boolean {
  try {
    const uptime = Number.parseFloat(fs.readFileSync("/proc/uptime", "utf8"));
    const startedAt = processStat(pid).startTicks / TICKS_PER_SECOND;
    const processAge = uptime - startedAt;
    const fileAge = (Date.now() - fs.statSync(file).mtimeMs) / 1_000;
    return !(processAge < fileAge - AGE_TOLERANCE_SECONDS);
  } catch {
    return true;
  }
}

/** Replaces the text in one step: readers see the old or the new one. */
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
    // The folder is root's; an existing file may belong to this user.
    fs.writeFileSync(file, text, { flag: "r+" });
  }
}

function temporaryOf(file: string): string {
  const name = `.${path.basename(file)}.${process.pid}`;
  return path.join(path.dirname(file), name);
}

/** Creates the file; fails if a file or link has its name. */
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
    // Readers detect that the process is gone.
  }
}
