import { spawnSync } from "node:child_process";
import { skipWithout } from "../support/foreground-program.ts";
import { deployFolder } from "./deploy-file.ts";

/** For `skip`; in CI it must be there. */
export const promtoolSkipReason = skipWithout("promtool", "--version");

/** Runs it in `deploy/prometheus`; the problems it finds, or nothing. */
export function promtool(args: readonly string[]): string {
  const cwd = `${deployFolder}/prometheus`;
  const { status, stdout, stderr } = spawnSync("promtool", args, {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
  });
  return status === 0 ? "" : `${stdout}${stderr}`;
}
