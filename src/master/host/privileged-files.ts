/**
 * Creates files while the master is root, for the user that it changes to.
 *
 * If that user could replace a part of the path, the master creates the file
 * with the rights of that user, so that a link cannot lead to a file that the
 * user may not open. Only if the whole path belongs to root does the master
 * create the file as root, and then change its owner by its descriptor.
 */
import fs, { constants, type Stats } from "node:fs";
import path from "node:path";
import { followPath, type PathStep } from "../../shared/files/follow-path.ts";
import { openLogFile } from "../../shared/logging/log-file.ts";
import { actAs, groupsOf, type Identity, isRoot } from "./privileges.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
/** Linux only; not in Node's constants. Such a descriptor opens any file. */
const O_PATH = 0o10_000_000;
const DESCRIPTORS = "/proc/self/fd";

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
/** In such a folder only the owner of a name can change it. */
const STICKY = 0o1000;
const MODE_BITS = 0o7777;
const ONLY_OWNER = 0o700;
const PASSABLE = 0o711;

export class PrivilegedFiles {
  readonly #identity: Identity | undefined;
  #groups: readonly number[] | undefined;

  /** @param identity user that the master changes to; undefined if none */
  constructor(identity?: Identity) {
    this.#identity = identity;
  }

  /**
   * Creates something in the file system, as root only if that is safe. It may
   * belong to root until its owner is changed.
   *
   * @param make a synchronous function, because the process has other rights
   * during the call
   */
  make<Result>(file: string, make: () => Result): Result {
    const identity = this.#newOwner;
    if (!identity || this.#rootsPath(file) !== undefined) return make();
    return actAs(identity, make);
  }

  /** Opens a log file for appending, and makes the user its owner. */
  openLog(file: string): number {
    const identity = this.#newOwner;
    if (!identity) return openLogFile(file);
    const real = this.#rootsPath(file);
    if (real === undefined) {
      return actAs(identity, () => openLogFile(file, O_NONBLOCK));
    }
    const fd = openLogFile(real, O_NOFOLLOW | O_NONBLOCK);
    try {
      this.giveDescriptor(fd);
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /**
   * Makes the user the owner of a regular file or a folder.
   *
   * @throws Error if it belongs to another user, or has a second hard link
   */
  giveDescriptor(fd: number): void {
    const identity = this.#newOwner;
    if (!identity) return;
    const { uid, gid } = identity;
    const stats = fs.fstatSync(fd);
    if (!mustBeGiven(stats, identity)) return;
    fs.fchownSync(fd, uid, gid);
  }

  /** Makes the user the owner of the file, if only root can replace it. */
  give(file: string): void {
    const identity = this.#newOwner;
    const real = identity && this.#rootsPath(file);
    if (!identity || real === undefined) return;
    const { uid, gid } = identity;
    withEntry(real, (stats, entry) => {
      if (mustBeGiven(stats, identity)) fs.chownSync(entry, uid, gid);
    });
  }

  giveIfThere(file: string): void {
    if (fs.existsSync(file)) this.give(file);
  }

  /** Creates a folder for the user if only root can. */
  makeFolder(folder: string): void {
    if (!this.#newOwner) return;
    const real = this.#rootsPath(folder);
    if (real === undefined) return;
    // The user must be able to enter the folders above.
    fs.mkdirSync(path.dirname(real), { recursive: true });
    const options = { recursive: true, mode: ONLY_OWNER };
    if (fs.mkdirSync(real, options) === undefined) return;
    const fd = fs.openSync(real, O_DIRECTORY | O_NOFOLLOW);
    try {
      this.giveDescriptor(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  /**
   * Creates a folder for the user inside a folder of root, which others may
   * enter but not list.
   *
   * @param folder its parent is created if it does not exist
   * @returns whether the folder exists and belongs to the user
   */
  grantFolder(folder: string): boolean {
    const above = path.dirname(folder);
    if (!this.#newOwner || !this.#rootsPath(path.dirname(above))) return false;
    makeIfMissing(above);
    if (this.#rootsPath(folder) === undefined) return false;
    setMode(above, PASSABLE);
    this.makeFolder(folder);
    return true;
  }

  /** Undefined if the owner stays, or the process is no longer root. */
  get #newOwner(): Identity | undefined {
    return isRoot() ? this.#identity : undefined;
  }

  /** The path without links, if the user can change no part of it. */
  #rootsPath(file: string): string | undefined {
    return followPath(file, (step) => this.#isRoots(step));
  }

  #isRoots({ folder, entry }: PathStep): boolean {
    if (folder.uid !== 0) return false;
    const isOpen =
      folder.mode & WRITABLE_BY_ALL ||
      (folder.mode & WRITABLE_BY_GROUP && this.#isInGroup(folder.gid));
    if (!isOpen) return true;
    return (folder.mode & STICKY) !== 0 && entry?.uid === 0;
  }

  #isInGroup(gid: number): boolean {
    this.#groups ??= this.#identity ? groupsOf(this.#identity) : [];
    return this.#groups.includes(gid);
  }
}

/**
 * Sets the mode of a file by its descriptor; links are not followed.
 *
 * @throws Error if it cannot be changed
 */
export function setMode(file: string, mode: number): void {
  withEntry(file, (stats, entry) => {
    if (stats.isSymbolicLink()) throw new Error(`${file} is a link`);
    if ((stats.mode & MODE_BITS) !== mode) fs.chmodSync(entry, mode);
  });
}

/** Does nothing if a file or a link has the name. */
function makeIfMissing(folder: string): void {
  try {
    fs.mkdirSync(folder, PASSABLE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Only root's files are given to the user, not those of other users. */
function mustBeGiven(stats: Stats, { uid, gid }: Identity): boolean {
  if (stats.uid === uid && stats.gid === gid) return false;
  // A device, such as /dev/null, stays root's.
  if (stats.isCharacterDevice()) return false;
  if (!stats.isFile() && !stats.isSocket() && !stats.isDirectory()) {
    throw new Error("it is not a file");
  }
  if (stats.uid !== 0 && stats.uid !== uid) {
    throw new Error(`it belongs to user ${stats.uid}`);
  }
  if (!stats.isDirectory() && stats.nlink !== 1) {
    throw new Error(`it has ${stats.nlink} names`);
  }
  return true;
}

/**
 * @param act called with a path that leads to the inspected file itself, by its
 *   descriptor; on systems other than Linux, by its name
 */
function withEntry(
  file: string,
  act: (stats: Stats, entry: string) => void,
): void {
  if (!fs.existsSync(DESCRIPTORS)) {
    act(fs.lstatSync(file), file);
    return;
  }
  const fd = fs.openSync(file, O_PATH | O_NOFOLLOW);
  try {
    act(fs.fstatSync(fd), path.join(DESCRIPTORS, String(fd)));
  } finally {
    fs.closeSync(fd);
  }
}
