import type { Clock } from "../../shared/clock.ts";
import type { Readiness } from "../../shared/readiness.ts";
import type { Origins } from "../http/forwarded/origins.ts";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { BodyPace } from "./body/body-watch.ts";
import type { ParseErrorReason } from "./protocol-error.ts";
import type { ParserPool } from "./request-reader.ts";

/** What a connection may take and how long it may last. */
export interface ConnectionLimits extends BodyPace {
  readonly maxUnreadBodyBytes: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly headTimeoutMs: number;
  /** 0: no limit. */
  readonly handlerTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** A request that was answered, or would have been. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly status: number;
  readonly seconds: number;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
}

/** Told what happens on connections, for metrics and the log. */
export interface ConnectionObserver {
  onRequest(): void;
  onResponse(exchange: Exchange): void;
  /** The client left before its answer was whole. */
  onAbort(request: HttpRequest): void;
  /** The handler had its time and is not waited for any more. */
  onHandlerTimeout(request: HttpRequest): void;
  onParseError(reason: ParseErrorReason): void;
  /** A response could not be sent as the handler made it. */
  onResponseError(request: HttpRequest, error: unknown): void;
}

/** What all connections of a listener share. */
export interface ConnectionContext {
  readonly limits: ConnectionLimits;
  readonly parsers: ParserPool;
  readonly clock: Clock;
  readonly origins: Origins;
  /** Must neither throw nor reject. */
  readonly handler: Handler;
  readonly observer: ConnectionObserver;
  /** Changes as the server's does; one object for all connections. */
  readonly readiness: Pick<Readiness, "isClosing">;
  /** The `Server` field line with its CRLF, or "". */
  readonly serverField: string;
}
