/**
 * Runs per request: two thread hops. Calls on an open file are synchronous: the
 * kernel answers them from memory.
 */
import { constants, fstatSync, readlinkSync, type Stats } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "../../http/http-error.ts";

/** An open file; the receiver closes it. */
export interface OpenFile {
  readonly type: "file";
  readonly handle: FileHandle;
  readonly stats: Stats;
}

export type Opened = OpenFile | { readonly type: "folder" | "nothing" };

const NOTHING: Opened = { type: "nothing" };
const FOLDER: Opened = { type: "folder" };

// NONBLOCK: opening a FIFO would wait for its writer. NOFOLLOW: a link may have
// replaced the file since `realpath()`.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Clients cannot distinguish an unreadable file from a missing one. */
const MISSING: ReadonlySet<string | undefined> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ENAMETOOLONG",
  "ELOOP",
  "EACCES",
  "EPERM",
  "ENXIO",
]);
const NO_MORE_FILES: ReadonlySet<string | undefined> = new Set([
  "EMFILE",
  "ENFILE",
]);

/**
 * Opens a regular file at or below the root, following links that stay there.
 * The result is "nothing" for links that leave the root, FIFOs, sockets and
 * devices.
 *
 * A user with write access below the root could replace a folder by a link
 * between `realpath()` and `open()`, to read files that only the server may
 * read. Therefore the location of the open file is checked afterwards. On
 * Linux the kernel reports it for the descriptor, even after a rename. On other
 * systems the path is resolved again, which leaves a race with two swaps.
 *
 * @param root a real path
 * @param file a path below the root, unless links lead elsewhere
 * @throws HttpError 503 if the process is out of file descriptors
 */
export async function openFile(root: string, file: string): Promise<Opened> {
  try {
    const real = await realpath(file);
    if (!isAtOrBelow(root, real)) return NOTHING;
    return await checked(await open(real, FLAGS), root, real);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (MISSING.has(code)) return NOTHING;
    if (!NO_MORE_FILES.has(code)) throw error;
    throw new HttpError(503, undefined, { cause: error });
  }
}

export function isAtOrBelow(root: string, real: string): boolean {
  const folder = root.endsWith(path.sep) ? root : root + path.sep;
  return real === root || real.startsWith(folder);
}

/** Checks an open file, and closes it unless it is served. */
async function checked(
  handle: FileHandle,
  root: string,
  real: string,
): Promise<Opened> {
  let isKept = false;
  try {
    const stats = fstatSync(handle.fd);
    if (stats.isDirectory()) return FOLDER;
    if (!stats.isFile()) return NOTHING;
    isKept = isAtOrBelow(root, await pathOf(handle, real));
    return isKept ? { type: "file", handle, stats } : NOTHING;
  } finally {
    if (!isKept) closeFile(handle);
  }
}

/** Closes in the background: an error after reads loses no data. */
export function closeFile(handle: FileHandle): void {
  handle.close().catch(() => {});
}

/** Real path of an open file. */
async function pathOf(handle: FileHandle, real: string): Promise<string> {
  try {
    return readlinkSync(`/proc/self/fd/${handle.fd}`);
  } catch {
    return realpath(real);
  }
}
