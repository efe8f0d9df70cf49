/** Whether others could lead a path elsewhere. */
import { lstatSync } from "node:fs";
import { followPath, type PathStep } from "./follow-path.ts";

export interface PathTrust {
  /** Users who may. */
  readonly uids: readonly number[];
  /**
   * Whether the folders on the way count too. If not, somebody has chosen
   * them: only links count, and names that anybody may make.
   */
  readonly isStrict: boolean;
}

const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Why the path cannot be trusted; undefined where it can, or nothing is there.
 */
export function pathProblem(
  file: string,
  trust: PathTrust,
): string | undefined {
  // In a container, a number that is nobody's may stand for the system's root.
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
