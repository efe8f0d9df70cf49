/**
 * The file of a unix socket. The socket is bound under a temporary name beside
 * it, gets its mode, and is then renamed into place. So no client can connect
 * before the mode is right, a file left by a crash is replaced in one step, and
 * the name that Node removes when it closes the socket does not exist any more:
 * the master itself removes the file, or leaves it to the next master.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setMode } from "../host/privileged-files.ts";

/** Size of `sockaddr_un`: 108 bytes on Linux, 104 elsewhere, with a NUL. */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;

export class SocketFile {
  /** The path to bind. */
  readonly temporaryPath: string;
  readonly #path: string;
  /** Inode of the file in place. */
  #inode: number | undefined;

  private constructor(socketPath: string) {
    this.#path = socketPath;
    const name = `.${randomBytes(4).toString("hex")}`;
    this.temporaryPath = path.join(path.dirname(socketPath), name);
  }

  /**
   * Checks the path of a socket before it is bound.
   *
   * @param replaces whether it may replace a socket on which a process listens
   * @throws ErrnoException if the path is in use, or not valid
   */
  static async prepare(
    socketPath: string,
    replaces = false,
  ): Promise<SocketFile> {
    const file = new SocketFile(socketPath);
    // The system would truncate longer names.
    const paths = [socketPath, file.temporaryPath];
    if (paths.some((each) => Buffer.byteLength(each) > MAX_PATH_BYTES)) {
      throw errorOf("ENAMETOOLONG");
    }
    // Binding reports a missing folder as "permission denied".
    fs.accessSync(path.dirname(socketPath));
    if (!replaces && (await isTaken(socketPath))) throw errorOf("EADDRINUSE");
    return file;
  }

  /**
   * Takes over the file of a socket that another process has bound.
   *
   * @param mode octal mode to set; by default it stays
   */
  static adopt(socketPath: string, mode: string | undefined): SocketFile {
    const file = new SocketFile(socketPath);
    if (mode) setMode(socketPath, Number.parseInt(mode, 8));
    file.#inode = inodeOf(socketPath);
    return file;
  }

  /** @param mode octal mode to set; by default the umask decides */
  place(mode: string | undefined): void {
    try {
      if (mode) setMode(this.temporaryPath, Number.parseInt(mode, 8));
      fs.renameSync(this.temporaryPath, this.#path);
    } catch (error) {
      fs.rmSync(this.temporaryPath, { force: true });
      throw error;
    }
    this.#inode = inodeOf(this.#path);
  }

  /** Whether nothing exists at the path; a different file is not missing. */
  get isMissing(): boolean {
    return inodeOf(this.#path) === undefined;
  }

  /** Removes the file, unless another file has taken its place. */
  remove(): void {
    const inode = inodeOf(this.#path);
    if (inode === undefined || inode !== this.#inode) return;
    try {
      fs.rmSync(this.#path, { force: true });
    } catch {
      // The folder may belong to root, and this process has dropped its rights.
      // The next process that binds the path replaces the file.
    }
  }
}

/**
 * Whether a process listens on a unix socket; true if this process may not
 * connect.
 */
export function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

/** A socket on which no process listens is the leftover of a crash. */
async function isTaken(socketPath: string): Promise<boolean> {
  const stats = fs.statSync(socketPath, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return !stats.isSocket() || (await isListening(socketPath));
}

function inodeOf(file: string): number | undefined {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.ino;
}

function errorOf(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
