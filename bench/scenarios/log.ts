import { hello } from "./hello.ts";
import type { Scenario } from "./scenario.ts";

/** What a line of an access log costs. */
export const log: Scenario = {
  ...hello,
  name: "log",
  summary: "hello, with the access log on",
  servers: ["remuda", "fastify", "hono"],
  logsRequests: true,
};
