/** Puts load shedding around a worker's connections, where it is wanted. */
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

/** A connection that is too many has so long to say what it wants. */
const SURPLUS_TIMEOUT_MS = 1_000;
/** Beyond the limit so many, at least, are told so; more are dropped. */
const MIN_SURPLUS = 8;

/** A number where the setting follows from the descriptors. */
type ShedSettings = Omit<Settings, "maxConnections"> & {
  readonly maxConnections: number;
};

export interface ShedLoad {
  /**
   * For each of the listeners, whose connections are counted together.
   *
   * @param exempt answers some requests itself, which are never refused
   */
  around(
    context: ConnectionContext,
    exempt?: (handler: Handler) => Handler,
  ): SheddingContext;
  onEventLoopDelay(ms: number): void;
}

export interface SheddingContext {
  /** For the connections that there may be. */
  readonly context: ConnectionContext;
  readonly connectionLimit: ConnectionLimit | undefined;
}

/** With all limits off and nothing exempt, the context is the given one. */
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

/** Those over the limit get one answer, and little time. */
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
