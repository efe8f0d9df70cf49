import { hello } from "./hello.ts";
import type { Scenario } from "./scenario.ts";

/** What a connection costs, and who hands it to a worker how. */
export const connect: Scenario = {
  ...hello,
  name: "connect",
  summary: "hello, with a new connection for each request",
  servers: [
    "remuda-shared",
    "remuda",
    "cluster-http",
    "cluster-fastify",
    "node-http",
  ],
  exchanges: hello.exchanges.map(({ request, answer }) => ({
    request: { ...request, headers: { Connection: "close" } },
    answer,
  })),
  opensConnections: true,
};
