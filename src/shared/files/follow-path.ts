/** Follows a path as the system does, and sees who could change its way. */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import path from "node:path";

/** One name on the way, in a folder that is no link. */
export interface PathStep {
  readonly folder: Stats;
  /** Undefined where there is none yet. */
  readonly entry: Stats | undefined;
}

/** As many as the system itself follows. */
const MAX_LINKS = 40;

/**
 * @param isSafe asked of each name on the way, links and what they lead to
 * @returns the path without links, of which the last names may not exist yet;
 *   undefined where one of the names is not safe
 */
export function followPath(
  file: string,
  isSafe: (step: PathStep) => boolean,
): string | undefined {
  const names = path.resolve(file).split(path.sep).filter(Boolean);
  let here: string = path.sep;
  let links = 0;
  for (;;) {
    const name = names.shift();
    if (name === undefined) return here;
    if (name === "." || name === "..") {
      here = path.resolve(here, name);
      continue;
    }
    const next = path.join(here, name);
    const entry = lstatSync(next, { throwIfNoEntry: false });
    if (!isSafe({ folder: lstatSync(here), entry })) return undefined;
    if (entry === undefined) return path.join(next, ...names);
    if (!entry.isSymbolicLink()) {
      here = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    const target = readlinkSync(next);
    if (path.isAbsolute(target)) here = path.sep;
    names.unshift(...target.split(path.sep).filter(Boolean));
  }
}
