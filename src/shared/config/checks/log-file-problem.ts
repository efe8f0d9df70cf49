import { accessSync, constants, type Stats, statSync } from "node:fs";
import path from "node:path";

const NO_FOLDER = "is in a folder that does not exist";

/**
 * Why the file cannot be appended to, as far as its metadata shows; completes a
 * sentence that begins with the file.
 */
export function logFileProblem(file: string): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? problemOfFile(file, stats) : problemOfFolder(file);
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOTDIR" ? NO_FOLDER : `cannot be used: ${code}`;
  }
}

function problemOfFile(file: string, stats: Stats): string | undefined {
  if (stats.isDirectory()) return "is a folder";
  // Opening a pipe without a reader would block the daemon.
  if (!stats.isFile() && !stats.isCharacterDevice()) return "is not a file";
  return isAccessible(file, constants.W_OK) ? undefined : "cannot be written";
}

function problemOfFolder(file: string): string | undefined {
  const folder = path.dirname(file);
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return NO_FOLDER;
  const { W_OK, X_OK } = constants;
  if (isAccessible(folder, W_OK | X_OK)) return undefined;
  return "is in a folder that cannot be written";
}

function isAccessible(target: string, how: number): boolean {
  try {
    accessSync(target, how);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
