/** Fastify with hooks made for this one purpose instead of plugins. */
import { announce } from "../announce.js";
import { ORIGIN, SECURITY_FIELDS } from "./api.js";
import { addApi, fastifyApp } from "./fastify-app.js";

const FIELDS = {
  ...SECURITY_FIELDS,
  Vary: "Origin",
};

const app = fastifyApp();
app.addHook("onRequest", (request, reply, done) => {
  reply.headers(FIELDS);
  const { origin } = request.headers;
  if (origin === ORIGIN) {
    reply.headers({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
    });
    if (isPreflight(request)) {
      reply
        .headers({
          "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
          "Access-Control-Allow-Headers":
            request.headers["access-control-request-headers"] ?? "",
          "Access-Control-Max-Age": "600",
        })
        .code(204)
        .send();
      return;
    }
    reply.header("Access-Control-Expose-Headers", "X-Request-Id");
  }
  done();
});
app.options("*", (_request, reply) => reply.code(204).send());
addApi(app);
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);

function isPreflight({ method, headers }) {
  return method === "OPTIONS" && "access-control-request-method" in headers;
}
