/** Hono on @hono/node-server. */
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { pino } from "pino";
import { announce } from "../announce.js";

const app = new Hono();
if (process.env.ACCESS_LOG) app.use(log(pino()));
app.get("/", (c) => c.text("Hello World"));
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () =>
  announce(server),
);

/** By the logger that Fastify and Remuda have. */
function log(logger) {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const duration = performance.now() - startedAt;
    const { method, path } = c.req;
    logger.info({ method, path, status: c.res.status, duration }, "request");
  };
}
