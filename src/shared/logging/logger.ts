import { type LogFn, type Logger, type LoggerOptions, pino } from "pino";
import { describeThrown, messageOf } from "../thrown-value.ts";
import { ChildLevels } from "./child-levels.ts";
import { LineOutput, type LineSink } from "./line-output.ts";
import { httpSerializers } from "./loggable-http.ts";
import {
  currentFields,
  fieldsOf,
  type RequestFields,
  type RequestIds,
} from "./request-scope.ts";
import { standardOutputLines } from "./standard-stream.ts";

export type { Logger } from "pino";

export type Level = NonNullable<LoggerOptions["level"]>;

export interface CreateLoggerOptions {
  /** Role of the process: "master", "worker" or "app". */
  readonly role: string;
  /** The worker's slot, in a worker. */
  readonly worker?: number | undefined;
  /** Lowest level that is logged; default: "info". */
  readonly level?: Level;
  /** Destination of the lines; default: the standard output (fd 1). */
  readonly sink?: LineSink | undefined;
}

/** The parts that belong to a logger of `createLogger()`. */
interface Companions {
  /** For lines that may wait. */
  readonly access: Logger;
  /** For lines that may wait, and are not JSON. */
  readonly lines: LineSink;
  readonly children: ChildLevels;
}

let current: Logger | undefined;
const companions = new WeakMap<Logger, Companions>();

/** Marks loggers whose lines have the fields of a request already. */
const OF_REQUEST = Symbol("ofRequest");
let isMakingRequestLogger = false;

/**
 * Returns a logger that writes JSON lines, each with `pid`, `role` and, in a
 * worker, `worker`; `time` is in milliseconds since the epoch. Lines that are
 * written on behalf of a request have its ids: see `requestFields()`.
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
  const children = new ChildLevels();
  const common = { level, base };
  const logger: Logger = pino(
    {
      ...common,
      serializers: { err: describeThrown, ...httpSerializers },
      hooks: { logMethod },
      mixin,
      mixinMergeStrategy: merge,
      onChild: (child) => {
        if (!isMakingRequestLogger) children.add(child, logger.level);
      },
    },
    output,
  );
  sink.onDropped = (lines) => logger.warn({ lines }, "log lines were lost");
  const serializers = { err: describeThrown };
  const access = pino({ ...common, serializers }, output.later);
  companions.set(logger, { access, lines: output.later, children });
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

type Mixed = RequestFields | undefined;

function mixin(_line: object, _level: number, logger: object): object {
  const fields = OF_REQUEST in logger ? undefined : currentFields();
  return fields as object; // undefined is for `merge` alone
}

/** Fields of the line replace those of the request. */
function merge(line: object, fields: Mixed): object {
  return fields === undefined ? line : { ...fields, ...line };
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
  const logger = processLogger();
  return companions.get(logger)?.access ?? logger;
}

/** Like `accessLogger()`, for lines that are not JSON. */
export function accessLines(): LineSink {
  return companions.get(processLogger())?.lines ?? standardOutputLines();
}

/** Returns a logger whose lines have the ids that the request has now. */
export function requestLogger(request: RequestIds): Logger {
  const logger = processLogger();
  const fields = fieldsOf(request);
  if (Object.keys(fields).length === 0) return logger;
  isMakingRequestLogger = true;
  try {
    return Object.assign(logger.child(fields), { [OF_REQUEST]: true });
  } finally {
    isMakingRequestLogger = false;
  }
}

/** Called at boot, when the role of the process is known. */
export function setProcessLogger(logger: Logger): void {
  current = logger;
}

/** Changes the level of a logger, and of all loggers that belong to it. */
export function changeLevel(logger: Logger, level: Level): void {
  const before = logger.level;
  const others = companions.get(logger);
  logger.level = level;
  if (!others) return;
  others.access.level = level;
  others.children.change(before, level);
}
