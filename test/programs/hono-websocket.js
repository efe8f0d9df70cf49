/** A Hono app with the WebSocket helper for Node. */
import { serve } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";

const app = new Hono();
const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });

app.get("/", (context) => context.json({ hello: "world" }));

app.get(
  "/echo",
  upgradeWebSocket(() => ({
    onMessage: (event, socket) => socket.send(event.data),
    onClose: () => console.log("a socket is closed"),
  })),
);

const server = serve({
  fetch: app.fetch,
  port: Number(process.env.PORT ?? 3000),
});
injectWebSocket(server);
