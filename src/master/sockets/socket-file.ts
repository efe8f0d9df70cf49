/**
 * The file of a unix socket. The socket is bound under another name beside it,
 * gets its mode, and is then renamed into place: nobody can connect before the
 * mode is right, what a crash left behind is replaced in one step, and what
 * Node removes when it closes the socket is a name that is no longer there. The
 * file is thus ours to remove, or to leave to a successor.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setMode } from "../host/privileged-files.ts";

/** What `sockaddr_un` holds: 108 bytes on Linux, 104 on others, with a NUL. */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;

export class SocketFile {
  /** What to bind. */
  readonly temporaryPath: string;
  readonly #path: string;
  /** Of the file that is in place. */
  #inode: number | undefined;

  private constructor(socketPath: string) {
    this.#path = socketPath;
    const name = `.${randomBytes(4).toString("hex")}`;
    this.temporaryPath = path.join(path.dirname(socketPath), name);
  }

  /**
   * One to be put in place.
   *
   * @param replaces whether it may take the place of one that is listened on
   * @throws ErrnoException where the path is taken, or cannot be one
   */
  static async prepare(
    socketPath: string,
    replaces = false,
  ): Promise<SocketFile> {
    const file = new SocketFile(socketPath);
    // Longer names would be cut off without a word.
    const paths = [socketPath, file.temporaryPath];
    if (paths.some((each) => Buffer.byteLength(each) > MAX_PATH_BYTES)) {
      throw errorOf("ENAMETOOLONG");
    }
    // Binding would call a folder that does not exist "permission denied".
    fs.accessSync(path.dirname(socketPath));
    if (!replaces && (await isTaken(socketPath))) throw errorOf("EADDRINUSE");
    return file;
  }

  /**
   * One that is in place, of a socket that somebody else has bound.
   *
   * @param mode that it is given; without one it keeps its own
   */
  static adopt(socketPath: string, mode: string | undefined): SocketFile {
    const file = new SocketFile(socketPath);
    if (mode) setMode(socketPath, Number.parseInt(mode, 8));
    file.#inode = inodeOf(socketPath);
    return file;
  }

  /** @param mode in octal; without one the umask has decided */
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

  /** Somebody has removed it; one in its place does not count. */
  get isMissing(): boolean {
    return inodeOf(this.#path) === undefined;
  }

  /** Removes it, unless somebody has put another one in its place. */
  remove(): void {
    const inode = inodeOf(this.#path);
    if (inode === undefined || inode !== this.#inode) return;
    try {
      fs.rmSync(this.#path, { force: true });
    } catch {
      // Its folder may belong to root, whom we have ceased to be. The next one
      // that wants the path replaces it: nobody listens there.
    }
  }
}

/**
 * Whether a process listens on a unix socket; true where this process may not
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

/** A socket on which no process listens was left behind by a crash. */
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
