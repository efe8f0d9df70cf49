import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");

/** Builds `dist/` where it is missing or older than `src/`. @throws Error */
export function ensureFreshBuild(): void {
  if (builtAt() > changedAt()) return;
  const { status } = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the build failed");
}

function builtAt(): number {
  const cli = path.join(root, "dist/cli.js");
  return statSync(cli, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Folders too: a removed file leaves its mark on its folder only. */
function changedAt(): number {
  const src = path.join(root, "src");
  const entries = readdirSync(src, { recursive: true, encoding: "utf8" });
  const times = ["", ...entries].map((entry) => {
    return statSync(path.join(src, entry)).mtimeMs;
  });
  return Math.max(...times);
}
