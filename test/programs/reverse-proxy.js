/** Express in front of another server, also for WebSockets. */
import express from "express";
import { createProxyMiddleware } from "http-proxy-middleware";

const app = express();
const proxy = createProxyMiddleware({
  target: process.env.TARGET,
  changeOrigin: true,
  xfwd: true,
  ws: true,
  pathFilter: "/api",
});

app.use(proxy);
app.get("/", (_, response) => response.json({ hello: "world" }));

const server = app.listen(process.env.PORT ?? 3000);
server.on("upgrade", proxy.upgrade);

process.on("SIGTERM", () => server.close(() => process.exit(0)));
