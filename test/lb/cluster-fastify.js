/** `node:cluster` with Fastify, in the usual form: HOST, PORT, WORKERS. */
import cluster from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import Fastify from "fastify";

const { HOST: host, PORT, WORKERS, INSTANCE = "" } = process.env;
const MAX_BODY_BYTES = 2 * 1024 * 1024;

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on("listening", () => {
    if (++listening === Number(WORKERS)) console.log("ready");
  });
  cluster.on("exit", () => cluster.fork());
  for (let count = 0; count < Number(WORKERS); count++) cluster.fork();
} else {
  const app = Fastify({ bodyLimit: MAX_BODY_BYTES });
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({ "X-Instance": INSTANCE, "X-Version": "fastify" });
  });
  app.addContentTypeParser("*", { parseAs: "buffer" }, async (_, body) => body);
  app.get("/", async () => "hello");
  app.get("/readyz", async () => "ready");
  app.get("/slow/:ms", async ({ params }) => {
    await delay(Number(params.ms));
    return "slow";
  });
  app.post("/upload", async ({ body }) => ({ bytes: body.length }));
  await app.listen({ host, port: Number(PORT) });
}
