export { broadcast } from "./broadcast.ts";
export { createApp } from "./create-app.ts";
export { metrics } from "./register-metrics.ts";
export { serveFetch } from "./serve-fetch.ts";
export { serveNode } from "./serve-node.ts";
export type { Settings } from "./shared/config/settings.ts";
export type { Logger } from "./shared/logging/logger.ts";
export { processLogger as logger } from "./shared/logging/logger.ts";
export {
  type RequestFields,
  requestFields,
} from "./shared/logging/request-scope.ts";
export {
  type FetchHandlerOptions,
  type FetchLikeHandler,
  fetchHandler,
} from "./worker/adapters/fetch-handler.ts";
export { incomingMessage } from "./worker/adapters/incoming-message.ts";
export {
  type NodeHandlerOptions,
  type NodeHosted,
  type NodeListener,
  nodeHandler,
} from "./worker/adapters/node-handler.ts";
export { App } from "./worker/app/app.ts";
export type { ErrorHandler } from "./worker/app/error-handler.ts";
export type { CheckOptions, HealthProbe } from "./worker/app/health-checks.ts";
export {
  type InjectedResponse,
  type InjectOptions,
  inject,
} from "./worker/app/inject.ts";
export type { LifecycleHook } from "./worker/app/lifecycle.ts";
export type { MetricRegistry } from "./worker/app-metrics/metric-registry.ts";
export { type Counter, counter } from "./worker/app-metrics/own/app-counter.ts";
export { type Gauge, gauge } from "./worker/app-metrics/own/app-gauge.ts";
export {
  type AppHistogram,
  histogram,
} from "./worker/app-metrics/own/app-histogram.ts";
export type {
  GaugeOptions,
  HistogramOptions,
  LabelValues,
  MetricOptions,
} from "./worker/app-metrics/own/metric-options.ts";
export { RequestBody } from "./worker/http/body/request-body.ts";
export { type ContextKey, contextKey } from "./worker/http/context-key.ts";
export type { Cookies } from "./worker/http/cookies/parse-cookies.ts";
export type { CookieOptions } from "./worker/http/cookies/set-cookie-field.ts";
export type { ServerSentEvent } from "./worker/http/events/encode-event.ts";
export type {
  EventClient,
  EventSource,
  Events,
} from "./worker/http/events/event-body.ts";
export {
  type ServerSentEventsOptions,
  serverSentEvents,
} from "./worker/http/events/server-sent-events.ts";
export {
  type HeadersInit,
  HttpHeaders,
} from "./worker/http/fields/http-headers.ts";
export type {
  ResponseTrailers,
  TrailerFields,
} from "./worker/http/fields/response-trailers.ts";
export type { FormDataOptions } from "./worker/http/forms/form-limits.ts";
export type { RequestProtocol } from "./worker/http/forwarded/client.ts";
export type {
  Answer,
  Handler,
  Middleware,
  Next,
} from "./worker/http/handler.ts";
export { HttpError, RequestAborted } from "./worker/http/http-error.ts";
export {
  HttpRequest,
  type HttpRequestInit,
  type PathParams,
} from "./worker/http/http-request.ts";
export {
  type DeletedCookieOptions,
  HttpResponse,
  type HttpResponseInit,
  type ResponseBody,
} from "./worker/http/http-response.ts";
export { HttpStatus } from "./worker/http/http-status.ts";
export type { Parser, StandardSchema } from "./worker/http/parse-input.ts";
export type { RequestContext } from "./worker/http/request-context.ts";
export { ResponseBuilder } from "./worker/http/response-builder.ts";
export * from "./worker/http/response-helpers.ts";
export { TraceContext } from "./worker/http/trace-context.ts";
export type { UpgradeHandler } from "./worker/http/upgrade-response.ts";
export type {
  Authentication,
  Refused,
} from "./worker/middleware/authentication/authentication.ts";
export {
  type BasicAuthOptions,
  basicAuth,
} from "./worker/middleware/authentication/basic-auth.ts";
export {
  type BearerAuthOptions,
  bearerAuth,
} from "./worker/middleware/authentication/bearer-auth.ts";
export {
  type JwtAuthentication,
  jwt,
} from "./worker/middleware/authentication/jwt.ts";
export type { JwtAlgorithm } from "./worker/middleware/authentication/jwt-algorithms.ts";
export type {
  JwtClaims,
  JwtOptions,
} from "./worker/middleware/authentication/jwt-options.ts";
export {
  type BodyLimitOptions,
  bodyLimit,
} from "./worker/middleware/body-limit.ts";
export {
  type CompressionOptions,
  type ContentCoding,
  compression,
} from "./worker/middleware/compression/compression.ts";
export {
  type EtagOptions,
  etag,
} from "./worker/middleware/conditional/etag.ts";
export {
  evaluatePreconditions,
  type PreconditionResult,
  type Validators,
} from "./worker/middleware/conditional/preconditions.ts";
export { cors } from "./worker/middleware/cors/cors.ts";
export type {
  CorsOptions,
  OriginTest,
} from "./worker/middleware/cors/cors-options.ts";
export {
  type IpFilterOptions,
  ipFilter,
} from "./worker/middleware/ip-filter.ts";
export {
  type LoggingOptions,
  type LogLevel,
  logging,
} from "./worker/middleware/logging/logging.ts";
export { rateLimit } from "./worker/middleware/rate-limit/rate-limit.ts";
export type {
  RateLimitOptions,
  RateLimitScope,
} from "./worker/middleware/rate-limit/rate-limit-options.ts";
export {
  type RequestIdOptions,
  requestId,
} from "./worker/middleware/request-id.ts";
export {
  CSP_NONCE,
  type CspDirectives,
  type CspSource,
} from "./worker/middleware/security-headers/content-security-policy.ts";
export { cspNonce } from "./worker/middleware/security-headers/csp-nonce.ts";
export type { PermissionsPolicy } from "./worker/middleware/security-headers/permissions-policy.ts";
export {
  type HstsOptions,
  type SecurityHeadersOptions,
  securityHeaders,
} from "./worker/middleware/security-headers/security-headers.ts";
export {
  type SignedCookies,
  type SignedCookiesOptions,
  signedCookies,
} from "./worker/middleware/signed-cookies.ts";
export {
  type StaticFilesOptions,
  staticFiles,
} from "./worker/middleware/static-files/static-files.ts";
export { type TimeoutOptions, timeout } from "./worker/middleware/timeout.ts";
export type { RouteOptions } from "./worker/routing/route.ts";
export type { RouteSource } from "./worker/routing/route-group.ts";
export type { UrlParams } from "./worker/routing/route-url.ts";
export type {
  RouteHandler,
  RouteUpgradeHandler,
  UpgradeOptions,
} from "./worker/routing/route-verbs.ts";
export { Router } from "./worker/routing/router.ts";
