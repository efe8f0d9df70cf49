import { type Logger, type LoggerOptions, pino } from "pino";

export type { Logger } from "pino";

export interface CreateLoggerOptions {
  /** What the process is: "master", "worker", "app". */
  readonly role: string;
  /** The worker's slot, in a worker. */
  readonly worker?: number | undefined;
  /** Least level that is logged; default: "info". */
  readonly level?: NonNullable<LoggerOptions["level"]>;
}

let current: Logger | undefined;

/**
 * A logger that writes JSON lines to the standard output (fd 1), each with
 * `pid`, `role` and, in a worker, `worker`; `time` is in ms since the epoch.
 *
 * It writes synchronously: what a process said last, before it crashed, is
 * what one wants to read.
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const { role, worker, level = "info" } = options;
  const slot = worker === undefined ? {} : { worker };
  const base = { pid: process.pid, role, ...slot };
  return pino({ level, base }, pino.destination({ dest: 1, sync: true }));
}

/** The logger of this process; until one is set, one with the role "app". */
export function processLogger(): Logger {
  current ??= createLogger({ role: "app" });
  return current;
}

/** Called at boot, when it is known what this process is. */
export function setProcessLogger(logger: Logger): void {
  current = logger;
}
