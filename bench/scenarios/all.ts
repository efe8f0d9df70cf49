import { hello } from "./hello.ts";
import { pipelined } from "./pipelined.ts";
import type { Scenario } from "./scenario.ts";
import { stack } from "./stack.ts";
import { stackLog } from "./stack-log.ts";

export const SCENARIOS: readonly Scenario[] = [
  hello,
  pipelined,
  stack,
  stackLog,
];
