import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { announce } from "../announce.js";
import { receiptFor } from "./orders.js";

const app = new Hono();
app.post("/orders", async (c) => c.json(receiptFor(await c.req.json()), 201));
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () =>
  announce(server),
);
