import { badDeploy } from "../operations/bad-deploy.ts";
import { badSettings } from "../operations/bad-settings.ts";
import { flood } from "../operations/flood.ts";
import {
  freezeMaster,
  freezeWorker,
  stickWorker,
} from "../operations/freeze.ts";
import { killAll } from "../operations/kill-all.ts";
import { killWorker } from "../operations/kill-worker.ts";
import type { Operation } from "../operations/operation.ts";
import { retireWorker } from "../operations/retire-worker.ts";
import { roll } from "../operations/roll.ts";
import { scaleBySignal } from "../operations/scale-by-signal.ts";
import { scaleTo } from "../operations/scale-to.ts";
import { upgradeMaster } from "../operations/upgrade-master.ts";

interface Choice {
  readonly operation: Operation;
  /** Relative frequency. */
  readonly weight: number;
}

/** Operations of `npm run chaos`. */
export const CHOICES: readonly Choice[] = [
  { operation: roll, weight: 6 },
  { operation: killWorker, weight: 4 },
  { operation: killAll, weight: 1 },
  { operation: retireWorker, weight: 2 },
  { operation: freezeWorker, weight: 3 },
  { operation: freezeMaster, weight: 1 },
  { operation: stickWorker, weight: 0.5 },
  { operation: scaleBySignal, weight: 2 },
  { operation: scaleTo, weight: 2 },
  { operation: upgradeMaster, weight: 3 },
  { operation: badDeploy, weight: 2 },
  { operation: badSettings, weight: 1 },
  { operation: flood, weight: 2 },
];

/** @param random from 0 to 1 */
export function chosen(random: number): Operation {
  const total = CHOICES.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  const choice = CHOICES.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return (choice ?? (CHOICES[0] as Choice)).operation;
}
