/**
 * Runs per request: two ways to a thread and back. What is asked of an open
 * file the kernel has in memory, so it is asked at once.
 */
import { constants, fstatSync, readlinkSync, type Stats } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "../../http/http-error.ts";

/** An open file; who gets it closes it. */
export interface OpenFile {
  readonly type: "file";
  readonly handle: FileHandle;
  readonly stats: Stats;
}

export type Opened = OpenFile | { readonly type: "folder" | "nothing" };

const NOTHING: Opened = { type: "nothing" };
const FOLDER: Opened = { type: "folder" };

// To open a FIFO would wait for its writer, and a link may have come meanwhile.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Also what may not be read is not there, as far as clients can tell. */
const NOT_THERE: ReadonlySet<string | undefined> = new Set([
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
 * Opens a regular file at or below the root, through links that stay there.
 * All else is "nothing": links that leave, FIFOs, sockets, devices.
 *
 * Who can write below the root could put a link in place of a folder between
 * the look at the real path and the opening, and be sent files that only the
 * server may read. So it is asked afterwards where the opened file is: on Linux
 * the kernel tells of the very descriptor, whatever has been renamed. Elsewhere
 * the path is resolved again, which leaves only who swaps it there and back.
 *
 * @param root a real path
 * @param file below it, unless links lead elsewhere
 * @throws HttpError 503 where the process may open no more files
 */
export async function openFile(root: string, file: string): Promise<Opened> {
  try {
    const real = await realpath(file);
    if (!isAtOrBelow(root, real)) return NOTHING;
    return await checked(await open(real, FLAGS), root, real);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (NOT_THERE.has(code)) return NOTHING;
    if (!NO_MORE_FILES.has(code)) throw error;
    throw new HttpError(503, undefined, { cause: error });
  }
}

export function isAtOrBelow(root: string, real: string): boolean {
  const folder = root.endsWith(path.sep) ? root : root + path.sep;
  return real === root || real.startsWith(folder);
}

/** Closes what is not served. */
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

/** Soon; nobody has to wait for it, and of reading nothing can be lost. */
export function closeFile(handle: FileHandle): void {
  handle.close().catch(() => {});
}

/** Where an open file is. */
async function pathOf(handle: FileHandle, real: string): Promise<string> {
  try {
    return readlinkSync(`/proc/self/fd/${handle.fd}`);
  } catch {
    return realpath(real);
  }
}
