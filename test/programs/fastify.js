/** A Fastify app with a WebSocket, which closes when it is told to end. */
import { setTimeout as delay } from "node:timers/promises";
import websocket from "@fastify/websocket";
import Fastify from "fastify";

const app = Fastify({ trustProxy: true });
await app.register(websocket);

app.get("/", {
  schema: {
    response: {
      200: { type: "object", properties: { hello: { type: "string" } } },
    },
  },
  handler: async () => ({ hello: "world" }),
});

app.get("/slow", async () => {
  await delay(300);
  return "slow";
});

app.post("/json", async (request) => request.body);

app.get("/echo", { websocket: true }, (socket) => {
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});

app.addHook("onClose", async () => {
  await delay(50); // a pool of database connections that closes
  console.log("fastify is closed");
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await app.close();
    process.exit(0);
  });
}

try {
  await app.listen({ port: Number(process.env.PORT ?? 3000) });
  console.log(`listens on ${app.server.address().port}`);
} catch (error) {
  console.error(error);
  process.exit(1);
}
