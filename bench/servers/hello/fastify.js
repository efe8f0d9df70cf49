import Fastify from "fastify";
import { announce } from "../announce.js";

const app = Fastify({ logger: Boolean(process.env.ACCESS_LOG) });
app.get("/", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send("Hello World");
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
