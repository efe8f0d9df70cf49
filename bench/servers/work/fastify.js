import Fastify from "fastify";
import { announce } from "../announce.js";
import { work } from "./work.js";

const app = Fastify();
app.get("/", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send(work());
});
app.get("/warm-up", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send("ready");
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
