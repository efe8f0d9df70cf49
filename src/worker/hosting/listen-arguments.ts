/**
 * The arguments of `server.listen()` in the forms that Node documents:
 * (port, host, backlog), (path, backlog) or (options), each with a callback at
 * the end.
 */
import { isHandle } from "../../shared/node-internals/replace-listen.ts";
import type { ProgramAddress } from "../../shared/program-listener.ts";

export interface ListenArguments {
  /** Undefined for a form that is left to Node: a handle or a descriptor. */
  readonly address: ProgramAddress | undefined;
  readonly backlog: number | undefined;
  /** Closes the server when it aborts. */
  readonly signal: AbortSignal | undefined;
  readonly callback: (() => void) | undefined;
}

type Options = Readonly<Record<string, unknown>>;

const PORT_TYPES = ["number", "string"];

/** @throws RangeError or TypeError with the code that Node gives */
export function parseListenArguments(
  args: readonly unknown[],
): ListenArguments {
  const callback = args.findLast((each) => typeof each === "function");
  const given = args.filter((each) => each !== callback);
  const [first, second, third] = given;
  const options = isObject(first) ? first : optionsOf(first, second);
  return {
    address: addressOf(options),
    backlog:
      backlogOf(options.backlog) ?? backlogOf(second) ?? backlogOf(third),
    signal: signalOf(options),
    callback: callback as (() => void) | undefined,
  };
}

/** The options that stand for (port, host) or (path). */
function optionsOf(first: unknown, second: unknown): Options {
  if (isPath(first)) return { path: first };
  return { port: first, ...(typeof second === "string" && { host: second }) };
}

function addressOf(options: Options): ProgramAddress | undefined {
  const { port, host, path, ipv6Only } = options;
  if (isHandle(options)) return undefined;
  if (port === undefined && isPath(path)) {
    const { readableAll, writableAll } = options;
    const isOpenToAll = Boolean(readableAll) || Boolean(writableAll);
    return { socketPath: path, ...(isOpenToAll && { mode: "0777" }) };
  }
  const isGiven = port !== undefined || "port" in options;
  if (!isGiven || !PORT_TYPES.includes(typeof (port ?? 0))) {
    throw noAddress(options);
  }
  return {
    port: checkedPort(port ?? 0),
    ...(typeof host === "string" && host !== "" && { host: unbracketed(host) }),
    ...(ipv6Only === true && { ipv6Only }),
  };
}

/** @throws RangeError as Node's: a whole number, or text that is one */
function checkedPort(port: unknown): number {
  const isText = typeof port === "string" && port.trim() !== "";
  const number = isText ? Number(port) : port;
  const isPort = typeof number === "number" && Number.isInteger(number);
  if (isPort && number >= 0 && number < 65_536) return number;
  const received = typeof port === "string" ? `'${port}'` : String(port);
  const text = `options.port should be >= 0 and < 65536. Received ${received}.`;
  throw Object.assign(new RangeError(text), { code: "ERR_SOCKET_BAD_PORT" });
}

function noAddress(options: Options): TypeError {
  const text =
    `The argument 'options' must have the property "port" or "path". ` +
    `Received an object with ${Object.keys(options).join(", ") || "nothing"}`;
  return Object.assign(new TypeError(text), { code: "ERR_INVALID_ARG_VALUE" });
}

/** @throws TypeError for something that is no AbortSignal */
function signalOf({ signal }: Options): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (isObject(signal) && "aborted" in signal) {
    return signal as unknown as AbortSignal;
  }
  const text = `The "options.signal" property must be an AbortSignal`;
  throw Object.assign(new TypeError(text), { code: "ERR_INVALID_ARG_TYPE" });
}

/** Text that is no number is the path of a unix socket. */
function isPath(value: unknown): value is string {
  return typeof value === "string" && !(Number(value) >= 0);
}

/** As in a URL: "[::1]". */
function unbracketed(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function backlogOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  const isBacklog = Number.isInteger(number) && Number(number) > 0;
  return isBacklog ? Number(number) : undefined;
}

function isObject(value: unknown): value is Options {
  return typeof value === "object" && value !== null;
}
