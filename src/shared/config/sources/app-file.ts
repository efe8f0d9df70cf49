import { readFileSync, statSync } from "node:fs";
import path from "node:path";

const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts"];

/**
 * The file that a path stands for, as for `node dist/main` or `node .`: an
 * extension may be left out, and a folder means what its package.json names, or
 * its index file.
 *
 * @returns the path itself if there is no such file
 */
export function appFile(given: string): string {
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats?.isFile()) return given;
  const found = withExtension(given);
  if (found !== undefined || !stats?.isDirectory()) return found ?? given;
  const main = mainOf(given);
  const named = main === undefined ? undefined : path.join(given, main);
  return (
    (named && (isFile(named) ? named : withExtension(named))) ??
    withExtension(path.join(given, "index")) ??
    given
  );
}

function withExtension(file: string): string | undefined {
  const files = EXTENSIONS.map((extension) => file + extension);
  return files.find(isFile);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** "main" of the folder's package.json. */
function mainOf(folder: string): string | undefined {
  try {
    const text = readFileSync(path.join(folder, "package.json"), "utf8");
    const { main } = JSON.parse(text) as { main?: unknown };
    return typeof main === "string" ? main : undefined;
  } catch {
    return undefined;
  }
}
