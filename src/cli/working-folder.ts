import { statSync } from "node:fs";

/**
 * The working folder at the start, by the name that the shell uses.
 *
 * `process.cwd()` has symbolic links resolved. If deployments switch a link
 * (`/srv/app/current`) to the next release, a reload must resolve that link
 * again, as in unicorn and puma.
 */
export function workingFolder(env: NodeJS.ProcessEnv): string {
  const actual = process.cwd();
  const named = env.PWD;
  if (named === undefined || !named.startsWith("/")) return actual;
  const [at, there] = [actual, named].map((folder) =>
    statSync(folder, { throwIfNoEntry: false }),
  );
  return there && at?.ino === there.ino && at.dev === there.dev
    ? named
    : actual;
}
