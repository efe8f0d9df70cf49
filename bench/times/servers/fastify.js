/** For pm2's cluster mode. */
import Fastify from "fastify";
import { ready } from "./ready.js";

const app = Fastify();
app.get("/", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send("Hello World");
});
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
ready();
