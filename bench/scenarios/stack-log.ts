import type { Scenario } from "./scenario.ts";
import { stack } from "./stack.ts";

/** What an access log adds. */
export const stackLog: Scenario = {
  ...stack,
  name: "stack-log",
  summary: "stack, with the access log on",
  logsRequests: true,
};
