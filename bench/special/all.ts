import { idle } from "./idle/idle.ts";
import { rolls } from "./rolls/rolls.ts";
import type { SpecialScenario } from "./special-scenario.ts";

export const SPECIAL_SCENARIOS: readonly SpecialScenario[] = [idle, rolls];
