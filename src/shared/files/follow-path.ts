/** Resolves a path as the system does, and checks each step. */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import path from "node:path";

/** One name of the path, in a folder that is not a link. */
export interface PathStep {
  readonly folder: Stats;
  /** Undefined if the name does not exist. */
  readonly entry: Stats | undefined;
}

/** The limit of Linux. */
const MAX_LINKS = 40;

/**
 * @param isSafe called for each name of the path, and of the targets of links
 * @returns the path without links, whose last names may not exist; undefined
 *   if a name is not safe, or there are too many links
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
