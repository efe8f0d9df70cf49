/** For pm2, which asks with INT for an end: what is asked is answered. */
import Fastify from "fastify";
import { announce } from "../../../servers/announce.js";

const app = Fastify();
app.get("/", (_request, reply) => {
  reply.type("text/plain; charset=utf-8").send("Hello World");
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
process.once("SIGINT", async () => {
  await app.close();
  process.exit();
});
