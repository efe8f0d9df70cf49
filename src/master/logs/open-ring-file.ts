import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** In memory on Linux; elsewhere, and where it is missing, on a disk. */
const FOLDERS = ["/dev/shm", os.tmpdir()];
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/**
 * Opens an empty file that has no name, so nobody else can open it, and nothing
 * is left when the processes end. Undefined if no folder takes one.
 */
export function openRingFile(
  folders: readonly string[] = FOLDERS,
): number | undefined {
  for (const folder of folders) {
    const name = `.remuda-log-${randomBytes(8).toString("hex")}`;
    const file = path.join(folder, name);
    const fd = attempt(() => {
      return openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    });
    if (fd === undefined) continue;
    attempt(() => rmSync(file));
    return fd;
  }
  return undefined;
}

export function closeRingFile(fd: number): void {
  attempt(() => closeSync(fd));
}

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
