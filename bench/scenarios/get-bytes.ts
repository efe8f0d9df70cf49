import type { Scenario } from "./scenario.ts";

/** A scenario of the `bytes` app: one path, answered with these bytes. */
export function getBytes(
  path: string,
  content: Buffer,
  own: Pick<Scenario, "name" | "summary" | "connections">,
): Scenario {
  return {
    ...own,
    app: "bytes",
    servers: ["remuda", "node-http", "fastify"],
    exchanges: [
      {
        request: { method: "GET", path, headers: {} },
        answer: {
          status: 200,
          contentType: "application/octet-stream",
          body: content.toString("latin1"),
        },
      },
    ],
    pipelining: 1,
    countsBytes: true,
  };
}
