/** Adds load shedding to the connections of a worker, if configured. */
import type { Settings } from "../shared/config/settings.ts";
import type { Handler } from "./http/handler.ts";
import type { HttpRequest } from "./http/http-request.ts";
import type {
  ConnectionContext,
  ConnectionObserver,
} from "./http1/connection-context.ts";
import { Http1Connection } from "./http1/http1-connection.ts";
import {
  LoadShedder,
  type LoadShedderParts,
  type ShedReason,
} from "./load-shedder.ts";
import type { ConnectionLimit } from "./net/listener.ts";

/** Time-out for the request on a surplus connection. */
const SURPLUS_TIMEOUT_MS = 1_000;
/** Minimum number of surplus connections that get a 503; more are dropped. */
const MIN_SURPLUS = 8;

/** Settings with the effective connection limit. */
type ShedSettings = Omit<Settings, "maxConnections"> & {
  readonly maxConnections: number;
};

export interface ShedLoad {
  /**
   * Called for each listener; limits apply to all of them together.
   *
   * @param exempt wraps the handler, and answers some requests unconditionally
   */
  around(
    context: ConnectionContext,
    exempt?: (handler: Handler) => Handler,
  ): SheddingContext;
  onEventLoopDelay(ms: number): void;
}

export interface SheddingContext {
  /** For connections within the limit. */
  readonly context: ConnectionContext;
  readonly connectionLimit: ConnectionLimit | undefined;
}

/** Without limits and `exempt`, the context stays unchanged. */
export function shedLoad(
  settings: ShedSettings,
  parts: LoadShedderParts,
): ShedLoad {
  const { maxConcurrentRequests, maxEventLoopDelayMs } = settings;
  const shedder = new LoadShedder(settings, parts);
  const isWanted = maxConcurrentRequests > 0 || maxEventLoopDelayMs > 0;
  const { onShed } = parts;
  return {
    around: (plain, exempt) => {
      const context = isWanted ? shedding(plain, shedder) : plain;
      const refusing = {
        ...plain,
        handler: shedder.refusing(plain.handler),
      };
      return {
        context: exempting(context, exempt),
        connectionLimit: connectionLimit(
          exempting(refusing, exempt),
          settings,
          onShed,
        ),
      };
    },
    onEventLoopDelay: (ms) => shedder.onEventLoopDelay(ms),
  };
}

function exempting(
  context: ConnectionContext,
  exempt: ((handler: Handler) => Handler) | undefined,
): ConnectionContext {
  return exempt ? { ...context, handler: exempt(context.handler) } : context;
}

function shedding(
  context: ConnectionContext,
  shedder: LoadShedder,
): ConnectionContext {
  const { handler, observer } = context;
  const onOver = (request: HttpRequest) => shedder.onOver(request, handler);
  return {
    ...context,
    handler: shedder.around(handler),
    observer: withOver(observer, onOver),
  };
}

function withOver(
  observer: ConnectionObserver,
  onOver: (request: HttpRequest) => void,
): ConnectionObserver {
  return {
    onRequest: () => observer.onRequest(),
    onResponse: (exchange) => {
      observer.onResponse(exchange);
      onOver(exchange.request);
    },
    onAbort: (request) => {
      observer.onAbort(request);
      onOver(request);
    },
    onHandlerTimeout: (request) => observer.onHandlerTimeout(request),
    onParseError: (reason) => observer.onParseError(reason),
    onResponseError: (request, error) =>
      observer.onResponseError(request, error),
  };
}

/** Surplus connections get one response and a short time-out. */
function connectionLimit(
  context: ConnectionContext,
  { maxConnections: max }: ShedSettings,
  onShed: (reason: ShedReason) => void,
): ConnectionLimit | undefined {
  if (max === 0) return undefined;
  const { limits } = context;
  const surplusContext: ConnectionContext = {
    ...context,
    limits: {
      ...limits,
      maxRequestsPerConnection: 1,
      headTimeoutMs: Math.min(limits.headTimeoutMs, SURPLUS_TIMEOUT_MS),
      keepAliveTimeoutMs: Math.min(
        limits.keepAliveTimeoutMs,
        SURPLUS_TIMEOUT_MS,
      ),
    },
  };
  return {
    max,
    maxSurplus: Math.max(MIN_SURPLUS, Math.ceil(max / 8)),
    protocol: (transport) => new Http1Connection(transport, surplusContext),
    onDropped: () => onShed("connections"),
  };
}
