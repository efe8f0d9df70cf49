/**
 * The file that has the master's pid, for whoever sends it signals.
 *
 * It is written when the sockets are bound: whoever finds a pid in it may send
 * signals, and two daemons that want the same socket never fight for the file.
 */
import fs from "node:fs";
import path from "node:path";
import { isOlderThanFile } from "./process-age.ts";
import { StartError } from "./start-error.ts";

export class PidFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes our pid. What a daemon that is gone left behind is replaced.
   *
   * @param predecessor a master that gives way to this one
   * @throws StartError where another daemon has it, or it cannot be written
   */
  static write(file: string, predecessor?: number): PidFile {
    const other = ownerOf(file);
    if (other !== undefined && other !== predecessor) {
      throw new StartError({
        message: `pidFile ${file} is that of process ${other}, which runs`,
      });
    }
    try {
      replace(file, `${process.pid}\n`);
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
    const [text] =
      /^\d{1,10}(?=\s*$)/.exec(fs.readFileSync(file, "utf8")) ?? [];
    return text === undefined || Number(text) === 0 ? undefined : Number(text);
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
function replace(file: string, text: string): void {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${process.pid}`,
  );
  try {
    fs.writeFileSync(temporary, text, { flag: "wx", mode: 0o644 });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    // The folder is root's; the file, from before, may be ours.
    fs.writeFileSync(file, text, { flag: "r+" });
  }
}

function empty(file: string): void {
  try {
    fs.truncateSync(file);
  } catch {
    // Whoever reads it finds that the process is gone.
  }
}
