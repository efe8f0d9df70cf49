import { hello } from "./hello.ts";
import type { Scenario } from "./scenario.ts";

/** What the span of a request costs. */
export const traces: Scenario = {
  ...hello,
  name: "traces",
  summary: "hello, with a span for each request, by an SDK of OpenTelemetry",
  app: "traces",
  servers: ["remuda", "node-http"],
};
