import { statSync } from "node:fs";

/**
 * The folder we were started in, by the name that the shell has for it.
 *
 * `process.cwd()` has symbolic links resolved. Where deployments switch a link
 * (`/srv/app/current`) to the next release, a reload has to look behind the
 * link again, as unicorn and puma do.
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
