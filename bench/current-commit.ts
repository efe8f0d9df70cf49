import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const MEASURED = ["src", "bench", ":!bench/results", ":!bench/guard"];

/**
 * Short hash of what is measured; with `-changed` where the code is not that of
 * the commit. Results that are written meanwhile are not code.
 *
 * @throws Error outside a git repository
 */
export function currentCommit(): string {
  const hash = git("rev-parse", "--short", "HEAD");
  const changes = git("status", "--porcelain", "--", ...MEASURED);
  return changes === "" ? hash : `${hash}-changed`;
}

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return stdout.trim();
  throw new Error(`no commit to say what is measured: ${stderr}`);
}
