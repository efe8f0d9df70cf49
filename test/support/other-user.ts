import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const NOBODY = 65_534;

/** An unprivileged account that most systems have. */
export const otherUser = { name: "nobody", uid: idOf("-u"), gid: idOf("-g") };

/** Reason why a daemon cannot switch to that user here; false if it can. */
export const noOtherUser: string | false = reason();

function idOf(flag: "-u" | "-g"): number {
  const { stdout } = spawnSync("id", [flag, "nobody"], { encoding: "utf8" });
  return Number(stdout?.trim() || NOBODY);
}

function reason(): string | false {
  if (process.geteuid?.() !== 0) return "only root can become another user";
  const { uid, gid } = otherUser;
  const script = path.join(root, "dist/worker-main.js");
  const read = spawnSync("cat", [script], { uid, gid, stdio: "ignore" });
  return read.status === 0 ? false : `${otherUser.name} cannot read ${script}`;
}
