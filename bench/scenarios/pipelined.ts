import { hello } from "./hello.ts";
import type { Scenario } from "./scenario.ts";

/** What is left of a request's cost when reads and writes are shared. */
export const pipelined: Scenario = {
  ...hello,
  name: "pipelined",
  summary: "hello, 16 requests in flight on each connection",
  servers: ["remuda", "node-http", "net-floor", "fastify", "hono", "bun"],
  pipelining: 16,
};
