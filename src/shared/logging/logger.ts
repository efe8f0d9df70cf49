import { type LogFn, type Logger, type LoggerOptions, pino } from "pino";
import { describeThrown, messageOf } from "../thrown-value.ts";
import { LineOutput, type LineSink } from "./line-output.ts";
import { standardOutputLines } from "./standard-stream.ts";

export type { Logger } from "pino";

export interface CreateLoggerOptions {
  /** What the process is: "master", "worker", "app". */
  readonly role: string;
  /** The worker's slot, in a worker. */
  readonly worker?: number | undefined;
  /** Least level that is logged; default: "info". */
  readonly level?: NonNullable<LoggerOptions["level"]>;
  /** Where lines go; default: the standard output (fd 1). */
  readonly sink?: LineSink | undefined;
}

let current: Logger | undefined;
let currentAccess: Logger | undefined;
/** Of each logger made here, that of its access log. */
const accessLoggers = new WeakMap<Logger, Logger>();

/**
 * A logger that writes JSON lines, each with `pid`, `role` and, in a worker,
 * `worker`; `time` is in ms since the epoch.
 *
 * It writes synchronously, as what a process said last before it crashed is
 * what one wants to read; but it never waits for whoever reads. What cannot be
 * taken at once is kept for a while (see `BoundedOutput`).
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

/** Never throws: a value that an app logs may throw when it is read. */
function logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  try {
    method.apply(this, args);
  } catch (error) {
    const text = args.find((each: unknown) => typeof each === "string") ?? "";
    method.call(this, { unloggable: messageOf(error) }, "%s", text);
  }
}

/** The logger of this process; until one is set, one with the role "app". */
export function processLogger(): Logger {
  current ??= createLogger({ role: "app" });
  return current;
}

/**
 * The same for lines that may wait until the end of the event loop's turn, as
 * those of requests: a process that is killed takes those of one turn with it.
 */
export function accessLogger(): Logger {
  if (!currentAccess) {
    const logger = processLogger();
    currentAccess = accessLoggers.get(logger) ?? logger;
  }
  return currentAccess;
}

/** Called at boot, when it is known what this process is. */
export function setProcessLogger(logger: Logger): void {
  current = logger;
  currentAccess = undefined;
}
