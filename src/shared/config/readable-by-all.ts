import { realpathSync, statSync } from "node:fs";
import path from "node:path";

const READABLE_BY_ALL = 0o004;
const PASSABLE_BY_ALL = 0o001;

/** Whether every user of the system can read the file, its folders included. */
export function isReadableByAll(file: string): boolean {
  try {
    const real = realpathSync(file);
    if ((statSync(real).mode & READABLE_BY_ALL) === 0) return false;
    return foldersOf(real).every((folder) => {
      return (statSync(folder).mode & PASSABLE_BY_ALL) !== 0;
    });
  } catch {
    return false;
  }
}

function foldersOf(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [] : [folder, ...foldersOf(folder)];
}
