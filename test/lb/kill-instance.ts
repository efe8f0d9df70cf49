import { setTimeout as delay } from "node:timers/promises";
import type { Fleet } from "./fleet.ts";
import { FleetLoad } from "./fleet-load.ts";

export interface KillOptions {
  /** Delay before the instance is restarted. */
  readonly awayMs: number;
  readonly maxPauseMs: number;
  /** Version in its responses. */
  readonly version: string;
}

/** Effect of a kill behind one balancer. */
export interface KillOutcome {
  readonly balancer: string;
  readonly answered: number;
  /** Failed requests that were sent before its death. */
  readonly lostInFlight: number;
  /** Failed requests that started after its death. */
  readonly failedLater: number;
  /** Time from the kill; 0 without failures. */
  readonly lastFailureMs: number;
  /** Time from readiness to its first response. */
  readonly backAfterMs: number;
  /** Time from start to readiness. */
  readonly startMs: number;
}

const WARM_UP_MS = 1_000;

/** Kills all processes of one instance under load, then restarts it. */
export async function killInstance(
  { instances, balancers }: Fleet,
  { awayMs, maxPauseMs, version }: KillOptions,
): Promise<KillOutcome[]> {
  const [victim] = instances;
  if (victim === undefined) throw new Error("the fleet is empty");
  const loads = balancers.map((each) => new FleetLoad(each, maxPauseMs));
  let killedMs = 0;
  let startMs = 0;
  let backAfterMs: readonly number[] = [];
  try {
    await delay(WARM_UP_MS);
    killedMs = performance.now();
    await victim.kill();
    await delay(awayMs);
    for (const { seen } of loads) seen.forget(victim.number);
    const startedMs = performance.now();
    await victim.start();
    startMs = performance.now() - startedMs;
    const isSeen = loads.map(async ({ seen }) => {
      await seen.until(victim.number, version);
      return performance.now() - startedMs - startMs;
    });
    backAfterMs = await Promise.all(isSeen);
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
  return loads.map((load, index) => ({
    ...outcomeOf(load, killedMs),
    backAfterMs: backAfterMs[index] ?? 0,
    startMs,
  }));
}

function outcomeOf(
  { failures, report, balancer }: FleetLoad,
  killedMs: number,
) {
  const sentAtMs = failures.map(({ sent }) => sent?.sentAtMs ?? killedMs);
  const lastSentMs = Math.max(killedMs, ...sentAtMs);
  const inFlight = sentAtMs.filter((atMs) => atMs < killedMs);
  return {
    balancer: balancer.name,
    answered: report.answered,
    lostInFlight: inFlight.length,
    failedLater: failures.length - inFlight.length,
    lastFailureMs: lastSentMs - killedMs,
  };
}
