import type { Exchange, Scenario } from "./scenario.ts";

const greeting: Exchange = {
  request: { method: "GET", path: "/", headers: {} },
  answer: {
    status: 200,
    contentType: "text/plain; charset=utf-8",
    body: "Hello World",
  },
};

/** What a request costs when the handler costs nothing. */
export const hello: Scenario = {
  name: "hello",
  summary: 'GET / → "Hello World" as text/plain',
  app: "hello",
  servers: [
    "remuda",
    "node-http",
    "net-floor",
    "fastify",
    "hono",
    "express",
    "cluster-http",
    "cluster-fastify",
    "pm2-fastify",
    "bun",
  ],
  exchanges: [greeting],
  pipelining: 1,
};
