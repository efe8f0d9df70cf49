import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { announce } from "../announce.js";
import { pageFor } from "./page.js";

const app = new Hono();
app.get("/articles/:id", (c) => {
  const session = getCookie(c, "session");
  const language = c.req.header("Accept-Language");
  const from = c.req.header("Referer");
  return c.text(pageFor(c.req.param("id"), { session, language, from }));
});
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () =>
  announce(server),
);
