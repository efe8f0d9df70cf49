/**
 * Files that the master makes while it is root, for the user that it becomes.
 *
 * Where that user could change what a path leads to, the master makes them with
 * the rights of that user: a link then leads to nothing that the user could not
 * have had anyway. Only where the whole path is root's does the master make
 * them as root; then it gives them away by their descriptors.
 */
import fs, { constants, type Stats } from "node:fs";
import path from "node:path";
import { followPath, type PathStep } from "../../shared/follow-path.ts";
import { openLogFile } from "../../shared/log-file.ts";
import { actAs, groupsOf, type Identity, isRoot } from "./privileges.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
/** Linux only; Node has no name for it. Such a descriptor opens any file. */
const O_PATH = 0o10_000_000;
const DESCRIPTORS = "/proc/self/fd";

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
/** In such a folder, names can be changed by their owners only. */
const STICKY = 0o1000;
const MODE_BITS = 0o7777;
const ONLY_OWNER = 0o700;
const PASSABLE = 0o711;

export class PrivilegedFiles {
  readonly #identity: Identity | undefined;
  #groups: readonly number[] | undefined;

  /** @param identity that the master becomes; undefined if it stays as it is */
  constructor(identity?: Identity) {
    this.#identity = identity;
  }

  /**
   * Makes something in the file system, as root only where that is safe. It
   * may belong to root until it is given away.
   *
   * @param make it must not wait: the process has other rights meanwhile
   */
  make<Result>(file: string, make: () => Result): Result {
    const identity = this.#wanted;
    if (!identity || this.#rootsPath(file) !== undefined) return make();
    return actAs(identity, make);
  }

  /** Opens a file to which lines are added; the user gets it. */
  openLog(file: string): number {
    const identity = this.#wanted;
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
   * Gives a regular file to the user, or a folder.
   *
   * @throws Error where it is another user's, or has a second name
   */
  giveDescriptor(fd: number): void {
    const identity = this.#wanted;
    if (!identity) return;
    const { uid, gid } = identity;
    const stats = fs.fstatSync(fd);
    if (!mustBeGiven(stats, identity)) return;
    fs.fchownSync(fd, uid, gid);
  }

  /** Gives what is there, if root alone says what that is. */
  give(file: string): void {
    const identity = this.#wanted;
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

  /** Makes a folder of the user's where only root can; else the user does. */
  makeFolder(folder: string): void {
    if (!this.#wanted) return;
    const real = this.#rootsPath(folder);
    if (real === undefined) return;
    // The user must get through those above it.
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
   * Makes a folder of the user's in one of root's, which others may pass
   * through and not list.
   *
   * @param folder its folder is made if it is not there
   * @returns whether the user has it now
   */
  grantFolder(folder: string): boolean {
    const above = path.dirname(folder);
    if (!this.#wanted || !this.#rootsPath(path.dirname(above))) return false;
    makeIfMissing(above);
    if (this.#rootsPath(folder) === undefined) return false;
    setMode(above, PASSABLE);
    this.makeFolder(folder);
    return true;
  }

  /** Undefined where there is nobody to give files to, or not any more. */
  get #wanted(): Identity | undefined {
    return isRoot() ? this.#identity : undefined;
  }

  /** The path without links, if the user has no say in any part of it. */
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
 * @throws Error where it cannot be changed
 */
export function setMode(file: string, mode: number): void {
  withEntry(file, (stats, entry) => {
    if (stats.isSymbolicLink()) throw new Error(`${file} is a link`);
    if ((stats.mode & MODE_BITS) !== mode) fs.chmodSync(entry, mode);
  });
}

/** Where a link is in its place, nothing is made. */
function makeIfMissing(folder: string): void {
  try {
    fs.mkdirSync(folder, PASSABLE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Root's files get its user; those of anybody else are not root's to give. */
function mustBeGiven(stats: Stats, { uid, gid }: Identity): boolean {
  if (stats.uid === uid && stats.gid === gid) return false;
  // A device is everybody's, as /dev/null.
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
 * @param act is told a path that leads to the very file that was looked at, by
 *   its descriptor; on systems other than Linux to its name
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
