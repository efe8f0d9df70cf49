/**
 * What a service manager says in the environment. It is meant for the master
 * alone: a worker that could write to NOTIFY_SOCKET, or an app that takes
 * LISTEN_FDS for its own, would speak for the whole service.
 */
import { SERVICE_VARIABLES } from "../../shared/service-variables.ts";

export interface ServiceEnvironment {
  /** systemd's NOTIFY_SOCKET. */
  readonly notifySocket: string | undefined;
  /** How often the watchdog wants to hear of us; half of what it bears. */
  readonly watchdogIntervalMs: number | undefined;
  /** How many sockets were passed, from descriptor 3 on. */
  readonly passedSockets: number;
  /** LISTEN_FDNAMES; none where it was not set. */
  readonly passedNames: readonly string[];
  /** The variables that a master which succeeds this one needs. */
  readonly forSuccessor: Readonly<Record<string, string>>;
}

/** Reads them, and removes them, so that no child gets them by accident. */
export function takeServiceEnvironment(
  env: NodeJS.ProcessEnv,
  pid: number,
): ServiceEnvironment {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  const { LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES } = env;
  for (const name of SERVICE_VARIABLES) delete env[name];
  const watchdogUsec = WATCHDOG_USEC;
  const isWatched = isFor(WATCHDOG_PID, pid) && watchdogUsec !== undefined;
  // Who was started by a shell in between has been passed nothing.
  const isPassed = LISTEN_PID !== undefined && isFor(LISTEN_PID, pid);
  const passedSockets = isPassed ? count(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES?.split(":") ?? [];
  return {
    notifySocket: NOTIFY_SOCKET || undefined,
    watchdogIntervalMs: isWatched ? halfOf(watchdogUsec) : undefined,
    passedSockets,
    passedNames: passedSockets > 0 ? names : [],
    forSuccessor: {
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
