import { MIB_10 } from "../servers/bytes/content.js";
import type { Scenario } from "./scenario.ts";

/** What it costs to read a large body to its end. */
export const upload: Scenario = {
  name: "upload",
  summary: "POST of 10 MiB, whose bytes are counted",
  app: "bytes",
  servers: ["remuda", "node-http", "fastify"],
  exchanges: [
    {
      request: {
        method: "POST",
        path: "/upload",
        headers: { "Content-Type": "application/octet-stream" },
        body: MIB_10.toString("latin1"),
      },
      answer: {
        status: 200,
        contentType: "application/json",
        body: JSON.stringify({ bytes: MIB_10.length }),
      },
    },
  ],
  pipelining: 1,
  connections: 4,
  countsBytes: true,
};
