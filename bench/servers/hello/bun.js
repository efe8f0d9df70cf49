/** For Bun itself: its own server, with its own router. */
import { announcePort } from "../announce.js";

const headers = { "Content-Type": "text/plain; charset=utf-8" };
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: { "/": { GET: () => new Response("Hello World", { headers }) } },
});
announcePort(server.port);
