/** Hono with its own middleware, served by @hono/node-server. */
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { routePath } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { pino } from "pino";
import { announce } from "../announce.js";
import {
  CACHE_CONTROL,
  GROUPS,
  hasBody,
  ORIGIN,
  PAGES,
  PREFIX,
} from "./api.js";
import { durations } from "./durations.js";

const app = new Hono();
app.use(requestId());
app.use(measure(process.env.ACCESS_LOG ? pino() : undefined));
app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      frameAncestors: ["'self'"],
    },
    referrerPolicy: "strict-origin-when-cross-origin",
    strictTransportSecurity: "max-age=31536000",
    // What the others do not send.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  }),
);
app.use(
  cors({
    origin: [ORIGIN],
    credentials: true,
    allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    exposeHeaders: ["X-Request-Id"],
    maxAge: 600,
  }),
);
for (const route of PAGES) add(app, route);
const api = new Hono();
api.use(async (c, next) => {
  await next();
  c.header("Cache-Control", CACHE_CONTROL);
});
for (const { prefix, routes } of GROUPS) {
  const group = new Hono();
  for (const route of routes) add(group, route);
  api.route(prefix, group);
}
app.route(PREFIX, api);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () =>
  announce(server),
);

function add(group, route) {
  const { method, pattern, answer, status } = route;
  group.on(
    method,
    pattern,
    hasBody(route)
      ? async (c) => c.json(answer(c.req.param(), await c.req.json()), status)
      : (c) => {
          const content = answer(c.req.param());
          return content ? c.json(content, status) : c.body(null, status);
        },
  );
}

/** Metrics, and an access log by the logger that Fastify and Remuda have. */
function measure(logger) {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const duration = performance.now() - startedAt;
    const { method, path } = c.req;
    const { status } = c.res;
    const route = routePath(c, -1);
    durations.observe({ method, route, status }, duration / 1000);
    const id = c.get("requestId");
    logger?.info({ method, path, status, duration, id }, "request");
  };
}
