import { coldStart } from "./cold-start/cold-start.ts";
import { idle } from "./idle/idle.ts";
import { rolls } from "./rolls/rolls.ts";
import type { SpecialScenario } from "./special-scenario.ts";
import { workers } from "./workers/workers.ts";

export const SPECIAL_SCENARIOS: readonly SpecialScenario[] = [
  idle,
  workers,
  rolls,
  coldStart,
];
