import { hello } from "./hello.ts";
import { pipelined } from "./pipelined.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: readonly Scenario[] = [hello, pipelined];
