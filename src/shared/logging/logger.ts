import { type LogFn, type Logger, type LoggerOptions, pino } from "pino";
import { describeThrown, messageOf } from "../thrown-value.ts";
import { LineOutput, type LineSink } from "./line-output.ts";
import { standardOutputLines } from "./standard-stream.ts";

export type { Logger } from "pino";

export interface CreateLoggerOptions {
  /** Role of the process: "master", "worker" or "app". */
  readonly role: string;
  /** The worker's slot, in a worker. */
  readonly worker?: number | undefined;
  /** Lowest level that is logged; default: "info". */
  readonly level?: NonNullable<LoggerOptions["level"]>;
  /** Destination of the lines; default: the standard output (fd 1). */
  readonly sink?: LineSink | undefined;
}

let current: Logger | undefined;
let currentAccess: Logger | undefined;
/** The access logger of each logger that `createLogger()` returned. */
const accessLoggers = new WeakMap<Logger, Logger>();

/**
 * Returns a logger that writes JSON lines, each with `pid`, `role` and, in a
 * worker, `worker`; `time` is in milliseconds since the epoch.
 *
 * Writes are synchronous, so the last lines before a crash are not lost. They
 * do not block: lines that cannot be written at once are buffered (see
 * `BoundedOutput`).
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const { role, worker, level = "info" } = options;
  const slot = worker === undefined ? {} : { worker };
  const base = { pid: process.pid, role, ...slot };
  const { sink = standardOutputLines() } = options;
  const output = new LineOutput(sink);
  const serializers = { err: describeThrown };
  const common = { level, base, serializers };
  const logger = pino({ ...common, hooks: { logMethod } }, output);
  sink.onDropped = (lines) => logger.warn({ lines }, "log lines were lost");
  accessLoggers.set(logger, pino(common, output.later));
  return logger;
}

/** Does not throw, even if a logged value throws when it is read. */
function logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  try {
    method.apply(this, args);
  } catch (error) {
    const text = args.find((each: unknown) => typeof each === "string") ?? "";
    method.call(this, { unloggable: messageOf(error) }, "%s", text);
  }
}

/** Returns the logger of this process; by default it has the role "app". */
export function processLogger(): Logger {
  current ??= createLogger({ role: "app" });
  return current;
}

/**
 * Returns the logger for lines that may wait until the end of the event loop's
 * turn, such as those of requests. If the process is killed, the lines of one
 * turn are lost.
 */
export function accessLogger(): Logger {
  if (!currentAccess) {
    const logger = processLogger();
    currentAccess = accessLoggers.get(logger) ?? logger;
  }
  return currentAccess;
}

/** Called at boot, when the role of the process is known. */
export function setProcessLogger(logger: Logger): void {
  current = logger;
  currentAccess = undefined;
}
