import cookie from "@fastify/cookie";
import Fastify from "fastify";
import { announce } from "../announce.js";
import { pageFor } from "./page.js";

const app = Fastify();
await app.register(cookie);
app.get("/articles/:id", ({ params, cookies, headers }, reply) => {
  const { session } = cookies;
  const { "accept-language": language, referer: from } = headers;
  reply
    .type("text/plain; charset=utf-8")
    .send(pageFor(params.id, { session, language, from }));
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
