/** Checks whether other users could redirect a path. */
import { lstatSync } from "node:fs";
import { followPath, type PathStep } from "./follow-path.ts";

export interface PathTrust {
  /** Trusted users, in addition to root. */
  readonly uids: readonly number[];
  /**
   * Whether to check the folders of the path too. If false, a user has chosen
   * the path: only links, and names in world-writable folders, are checked.
   */
  readonly isStrict: boolean;
}

const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Returns why the path cannot be trusted; undefined if it can, or if it does
 * not exist.
 */
export function pathProblem(
  file: string,
  trust: PathTrust,
): string | undefined {
  // In a container, root of the host may appear as another uid.
  const uids = [...trust.uids, 0, lstatSync("/").uid];
  let problem: string | undefined;
  const isSafe = (step: PathStep) => {
    problem = problemOf(step, uids, trust.isStrict);
    return problem === undefined;
  };
  try {
    const real = followPath(file, isSafe);
    return real === undefined
      ? (problem ?? "leads through too many links")
      : problem;
  } catch (error) {
    return (error as Error).message;
  }
}

function problemOf(
  { folder, entry }: PathStep,
  uids: readonly number[],
  isStrict: boolean,
): string | undefined {
  const isOpen = (folder.mode & WRITABLE_BY_ALL) !== 0;
  const isForeign = entry !== undefined && !uids.includes(entry.uid);
  if (isForeign && (isOpen || entry.isSymbolicLink())) {
    const what = entry.isSymbolicLink() ? "a link" : "something";
    return `leads to ${what} of user ${entry.uid}`;
  }
  if (!isStrict) return undefined;
  if (!uids.includes(folder.uid)) {
    return `is in a folder of user ${folder.uid}`;
  }
  const canBeSwapped = isOpen && (folder.mode & STICKY) === 0;
  return canBeSwapped ? "is in a folder that anybody may write" : undefined;
}
