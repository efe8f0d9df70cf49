/** Fastify; it keeps idle connections as long as Remuda does. */
import Fastify from "fastify";
import { announce } from "../../../servers/announce.js";

const app = Fastify({ keepAliveTimeout: 75_000 });
app.get("/", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send("Hello World");
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
