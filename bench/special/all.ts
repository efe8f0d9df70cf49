import { balancer } from "./balancer/balancer.ts";
import { coldStart } from "./cold-start/cold-start.ts";
import { footprint } from "./footprint/footprint.ts";
import { idle } from "./idle/idle.ts";
import {
  instances,
  instancesHello,
  instancesWork,
} from "./instances/instances.ts";
import { rateLimit } from "./rate-limit/rate-limit.ts";
import { rolls } from "./rolls/rolls.ts";
import type { SpecialScenario } from "./special-scenario.ts";
import { workers } from "./workers/workers.ts";

export const SPECIAL_SCENARIOS: readonly SpecialScenario[] = [
  idle,
  workers,
  rolls,
  coldStart,
  instances,
  instancesWork,
  instancesHello,
  rateLimit,
  balancer,
  footprint,
];
