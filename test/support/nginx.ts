import { readFileSync } from "node:fs";
import path from "node:path";
import {
  type BalancerOptions,
  ForegroundProgram,
  skipWithout,
} from "./foreground-program.ts";
import { waitUntil } from "./wait-until.ts";

/** For `skip`; false in CI, where nginx is required. */
export const nginxSkipReason = skipWithout("nginx", "-v");

// Directives that the configuration must not contain.
const DIRECTIVES = "daemon off; pid nginx.pid;";

/**
 * Runs nginx in the foreground. Relative paths in the configuration start in
 * its folder. `error_log stderr` and `access_log /dev/stdout` write to
 * `output`. The configuration must not contain `daemon` and `pid`.
 */
export function startNginx(
  options: BalancerOptions,
): Promise<ForegroundProgram> {
  return ForegroundProgram.start({
    ...options,
    configName: "nginx.conf",
    command: (folder) => [
      ...["nginx", "-p", `${folder}/`, "-c", "nginx.conf"],
      ...["-e", "stderr", "-g", DIRECTIVES],
    ],
  });
}

/**
 * Sends HUP, as `nginx -s reload`; resolves when the old workers have closed
 * their listeners.
 */
export async function reloadNginx(nginx: ForegroundProgram): Promise<void> {
  const before = childrenOf(nginx.pid);
  nginx.signal("SIGHUP");
  const isShuttingDown = (pid: string) => {
    // The title changes once the worker has closed its listeners.
    return !titleOf(pid).startsWith("nginx: worker process\0");
  };
  await waitUntil(() => before.every(isShuttingDown), {
    what: "nginx's old workers to close their listeners",
  });
}

function childrenOf(pid: number): string[] {
  const file = path.join("/proc", `${pid}/task/${pid}/children`);
  return readFileSync(file, "utf8").trim().split(" ").filter(Boolean);
}

function titleOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // the process has exited
  }
}
