import type { ParentProcess } from "../host/parent-process.ts";

/** System-wide inits, which keep running when this process exits. */
const INITS_OF_SYSTEMS = ["systemd", "init"];

export interface Surroundings {
  readonly pid: number;
  readonly parent: ParentProcess;
  readonly env: NodeJS.ProcessEnv;
  /** Whether the service manager accepts a new main process. */
  readonly canTellMainPid: boolean;
}

/**
 * Reason why the parent process would take the end of this master for the end
 * of the server; undefined if an upgrade is possible.
 */
export function upgradeObstacle(around: Surroundings): string | undefined {
  const { pid, parent, env, canTellMainPid } = around;
  if (pid === 1) {
    return "as process 1 of a container this master cannot leave to another";
  }
  // Such as tini, or "docker run --init": it exits with its child.
  if (parent.pid === 1 && !INITS_OF_SYSTEMS.includes(parent.name)) {
    const init = parent.name || "process 1";
    return `${init} would take the end of this master for that of the server`;
  }
  if (env.pm_id !== undefined) {
    return "pm2 would take the end of this master for that of the server";
  }
  if (parent.isNodemon) {
    return (
      "nodemon sends USR2 to restart, and waits for the end of this master: " +
      "start it with nodemon --signal SIGINT"
    );
  }
  if (env.SYSTEMD_EXEC_PID === String(pid) && !canTellMainPid) {
    return "systemd can be told of another main process with Type=notify only";
  }
  return undefined;
}
