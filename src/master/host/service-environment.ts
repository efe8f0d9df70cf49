/**
 * The environment variables of a service manager. Only the master may use them:
 * a worker that writes to NOTIFY_SOCKET, or an app that uses LISTEN_FDS, would
 * act for the whole service.
 */
import { SERVICE_VARIABLES } from "../../shared/service-variables.ts";

export interface ServiceEnvironment {
  /** systemd's NOTIFY_SOCKET. */
  readonly notifySocket: string | undefined;
  /** Interval of watchdog pings: half of the watchdog's time-out. */
  readonly watchdogIntervalMs: number | undefined;
  /** Number of activated sockets, from descriptor 3 on. */
  readonly activatedSockets: number;
  /** LISTEN_FDNAMES; empty if it is not set. */
  readonly activatedNames: readonly string[];
  /** The variables that the next master needs in an upgrade. */
  readonly forNextMaster: Readonly<Record<string, string>>;
}

/** Reads the variables and removes them, so that no child inherits them. */
export function takeServiceEnvironment(
  env: NodeJS.ProcessEnv,
  pid: number,
): ServiceEnvironment {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES } = env;
  for (const name of SERVICE_VARIABLES) delete env[name];
  const watchdogUsec = WATCHDOG_USEC;
  const isWatched = isFor(WATCHDOG_PID, pid) && watchdogUsec !== undefined;
  // If an intermediate shell has another pid, the sockets are not for this
  // process.
  const isActivated = LISTEN_PID !== undefined && isFor(LISTEN_PID, pid);
  const activatedSockets = isActivated ? count(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES?.split(":") ?? [];
  return {
    notifySocket: NOTIFY_SOCKET || undefined,
    watchdogIntervalMs: isWatched ? halfOf(watchdogUsec) : undefined,
    activatedSockets,
    activatedNames: activatedSockets > 0 ? names : [],
    forNextMaster: {
      ...(NOTIFY_SOCKET && { NOTIFY_SOCKET }),
      ...(isWatched && { WATCHDOG_USEC: watchdogUsec }),
    },
  };
}

function isFor(named: string | undefined, pid: number): boolean {
  return named === undefined || named === String(pid);
}

function count(text: string | undefined): number {
  return /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
}

function halfOf(usec: string): number | undefined {
  const halfMs = Math.floor(Number(usec) / 2_000);
  return halfMs > 0 ? halfMs : undefined;
}
