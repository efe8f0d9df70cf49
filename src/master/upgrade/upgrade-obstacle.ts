export interface Surroundings {
  readonly pid: number;
  readonly env: NodeJS.ProcessEnv;
  /** Whether a service manager can be told which process is the main one. */
  readonly canTellMainPid: boolean;
}

/**
 * Why whoever has started this master would take its end for that of the
 * server, if so: then another one must not follow it.
 */
export function upgradeObstacle(around: Surroundings): string | undefined {
  const { pid, env, canTellMainPid } = around;
  if (pid === 1) {
    return "as process 1 of a container this master cannot leave to another";
  }
  if (env.pm_id !== undefined) {
    return "pm2 would take the end of this master for that of the server";
  }
  if (env.SYSTEMD_EXEC_PID === String(pid) && !canTellMainPid) {
    return "systemd can be told of another main process with Type=notify only";
  }
  return undefined;
}
