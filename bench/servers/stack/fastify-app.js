/** What the two ways to use Fastify share. */
import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { CACHE_CONTROL, GROUPS, hasBody, PAGES, PREFIX } from "./api.js";
import { durations } from "./durations.js";

/** With ids, metrics and, if wanted, its own access log. */
export function fastifyApp() {
  const app = Fastify({
    logger: Boolean(process.env.ACCESS_LOG),
    genReqId: () => randomUUID(),
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("X-Request-Id", request.id);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { method, routeOptions } = request;
    const labels = {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
    };
    durations.observe(labels, reply.elapsedTime / 1000);
    done();
  });
  return app;
}

/** @param app with its other plugins */
export function addApi(app) {
  for (const route of PAGES) add(app, route);
  app.register(addGroups, { prefix: PREFIX });
}

async function addGroups(api) {
  api.addHook("onRequest", (_request, reply, done) => {
    reply.header("Cache-Control", CACHE_CONTROL);
    done();
  });
  for (const { prefix, routes } of GROUPS) {
    const addRoutes = async (group) => {
      for (const route of routes) add(group, route);
    };
    api.register(addRoutes, { prefix });
  }
}

function add(app, route) {
  const { method, pattern: url, status, answer } = route;
  const handler = hasBody(route)
    ? ({ params, body }, reply) => reply.code(status).send(answer(params, body))
    : ({ params }, reply) => reply.code(status).send(answer(params));
  app.route({ method, url, handler });
}
