import { readFileSync } from "node:fs";
import path from "node:path";
import {
  type BalancerOptions,
  ForegroundProgram,
  skipWithout,
} from "./foreground-program.ts";
import { waitUntil } from "./wait-until.ts";

/** For `skip`; in CI it must be there. */
export const nginxSkipReason = skipWithout("nginx", "-v");

// What its configuration may not say itself.
const DIRECTIVES = "daemon off; pid nginx.pid;";

/**
 * A real nginx, in the foreground. The paths in its configuration begin in its
 * folder. `error_log stderr` and `access_log /dev/stdout` are in `output`. The
 * configuration must not have `daemon` and `pid`.
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

/** HUP, as `nginx -s reload`; resolves when its old workers take no more. */
export async function reloadNginx(nginx: ForegroundProgram): Promise<void> {
  const before = childrenOf(nginx.pid);
  nginx.signal("SIGHUP");
  const isShuttingDown = (pid: string) => {
    // Its title says so as soon as it has closed its listeners.
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
    return ""; // it has left
  }
}
