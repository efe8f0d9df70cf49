import type { ParentProcess } from "../host/parent-process.ts";

/** They have other things to do, and know by other means what runs. */
const INITS_OF_SYSTEMS = ["systemd", "init"];

export interface Surroundings {
  readonly pid: number;
  /** Who has started it. */
  readonly parent: ParentProcess;
  readonly env: NodeJS.ProcessEnv;
  /** Whether a service manager can be told which process is the main one. */
  readonly canTellMainPid: boolean;
}

/**
 * Why whoever has started this master would take its end for that of the
 * server, if so: then another one must not follow it.
 */
export function upgradeObstacle(around: Surroundings): string | undefined {
  const { pid, parent, env, canTellMainPid } = around;
  if (pid === 1) {
    return "as process 1 of a container this master cannot leave to another";
  }
  // As tini, or that of "docker run --init": it ends with what it has started.
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
