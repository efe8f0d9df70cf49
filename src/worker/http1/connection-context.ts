import type { Duplex } from "node:stream";
import type { Clock } from "../../shared/clock.ts";
import type { Readiness } from "../../shared/readiness.ts";
import type { Origins } from "../http/forwarded/origins.ts";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { DetachedConnection } from "../net/protocol.ts";
import type { BodyPace } from "./body/body-watch.ts";
import type { RequestHead } from "./head/request-head.ts";
import type { ParseErrorReason, ProtocolError } from "./protocol-error.ts";
import type { ParserPool } from "./request-reader.ts";

/** Limits of a connection in bytes, requests and time. */
export interface ConnectionLimits extends BodyPace {
  readonly maxUnreadBodyBytes: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly headTimeoutMs: number;
  /** 0: no limit. */
  readonly handlerTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** A request and its response, for metrics and the log. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly status: number;
  readonly seconds: number;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
}

/** Receives the events of connections, for metrics and the log. */
export interface ConnectionObserver {
  onRequest(): void;
  onResponse(exchange: Exchange): void;
  /** The exchange ended before its response was complete. */
  onAbort(request: HttpRequest): void;
  onHandlerTimeout(request: HttpRequest): void;
  onParseError(reason: ParseErrorReason): void;
  /** The handler's response could not be sent. */
  onResponseError(request: HttpRequest, error: unknown): void;
}

/** Gives requests to the worker to which their session belongs. */
export interface RequestHandover {
  /** The session of the request, if it may be that of another worker. */
  foreignSession(head: RequestHead): string | undefined;
  /** @param bytes what was read of the request and of those behind it */
  handOver(
    session: string,
    bytes: Buffer,
    connection: DetachedConnection,
  ): void;
}

/** Shared by all connections of a listener. */
export interface ConnectionContext {
  readonly limits: ConnectionLimits;
  readonly parsers: ParserPool;
  readonly clock: Clock;
  readonly origins: Origins;
  /** Must neither throw nor reject. */
  readonly handler: Handler;
  readonly observer: ConnectionObserver;
  /** Set if a request may belong to another worker. */
  readonly handover?: RequestHandover | undefined;
  /** A request was refused: it is invalid, too large or late. */
  readonly onRefused?:
    | ((error: ProtocolError, client: Duplex | undefined) => void)
    | undefined;
  /** Live: changes with the state of the server. */
  readonly readiness: Pick<Readiness, "isClosing">;
  /** The `Server` field line with its CRLF, or "". */
  readonly serverField: string;
}
