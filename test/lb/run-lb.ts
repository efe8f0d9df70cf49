import { mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Balancer, BalancerTimes } from "./balancer.ts";
import { ClusterInstance } from "./cluster-instance.ts";
import type { Fleet } from "./fleet.ts";
import { HaproxyBalancer } from "./haproxy-balancer.ts";
import type { Instance } from "./instance.ts";
import { killInstance } from "./kill-instance.ts";
import type { BalancerName, LbOptions } from "./lb-options.ts";
import type { KillRow } from "./lb-report.ts";
import { NginxBalancer } from "./nginx-balancer.ts";
import type { Network } from "./place.ts";
import { proveRolling, type RollingProof } from "./prove-rolling.ts";
import { RemudaInstance } from "./remuda-instance.ts";
import { WAYS } from "./ways.ts";

export interface LbRun extends LbOptions {
  readonly network: Network;
  /** Empty folder. */
  readonly folder: string;
  /** Called at each step. */
  readonly say: (line: string) => void;
}

export interface LbOutcome {
  readonly proofs: readonly RollingProof[];
  readonly kills: readonly KillRow[];
}

const WORKERS = 2;
const SETTINGS = pathToFileURL(path.resolve("deploy/remuda.config.js")).href;
/** Shorter times, to save minutes; in the same order as those of deploy/. */
const SHORT_TIMES: BalancerTimes = { checkIntervalMs: 250, idleMs: 1_000 };
const SHORT_SETTINGS = {
  loadBalancerIdleMs: 1_500,
  drain: { preStopDelayMs: 1_500, lingerMs: 1_500, deadlineMs: 20_000 },
};
/** Long enough that nginx tries a dead instance more than once. */
const AWAY_MS = 6_000;
const SHORT_AWAY_MS = 2_500;

const STARTERS = {
  haproxy: HaproxyBalancer.start,
  nginx: NginxBalancer.start,
};

export async function runLb(run: LbRun): Promise<LbOutcome> {
  const outcome = { proofs: [], kills: [] };
  // One after the other, or all at once.
  const groups = run.isShort
    ? [run.balancers]
    : run.balancers.map((name) => [name]);
  for (const names of groups) {
    await tryRemuda(run, names, outcome);
    if (run.parts.includes("kill")) await tryCluster(run, names, outcome);
  }
  return outcome;
}

interface Collected {
  readonly proofs: RollingProof[];
  readonly kills: KillRow[];
}

async function tryRemuda(
  run: LbRun,
  names: readonly BalancerName[],
  { proofs, kills }: Collected,
): Promise<void> {
  const folder = path.join(run.folder, names.join("-"));
  mkdirSync(folder);
  const { default: deployed } = await import(SETTINGS);
  const settings = {
    ...deployed,
    workers: WORKERS,
    ...(run.isShort && SHORT_SETTINGS),
  };
  const instances = run.network.places.map((place, index) => {
    const number = index + 1;
    return new RemudaInstance({ number, place, folder, settings });
  });
  let version = 0;
  const nextVersion = () => String(++version);
  await withFleet(run, { instances, names }, async (fleet) => {
    for (const way of run.parts.includes("rolling") ? WAYS : []) {
      const { times, maxPauseMs } = run;
      const options = { way, times, maxPauseMs, nextVersion };
      run.say(`${way.name}, behind ${names.join(" and ")}`);
      proofs.push(...(await proveRolling(fleet, options)));
    }
    if (!run.parts.includes("kill")) return;
    kills.push(...(await kill(run, fleet, ["Remuda", String(version)])));
  });
}

async function tryCluster(
  run: LbRun,
  names: readonly BalancerName[],
  { kills }: Collected,
): Promise<void> {
  const instances = run.network.places.map((place, index) => {
    return new ClusterInstance(index + 1, place, WORKERS);
  });
  await withFleet(run, { instances, names }, async (fleet) => {
    kills.push(...(await kill(run, fleet, ["cluster + Fastify", "fastify"])));
  });
}

async function kill(
  { isShort, maxPauseMs, say }: LbRun,
  fleet: Fleet,
  [server, version]: readonly [string, string],
): Promise<KillRow[]> {
  say(`KILL to an instance of ${server}`);
  const awayMs = isShort ? SHORT_AWAY_MS : AWAY_MS;
  const options = { awayMs, maxPauseMs, version };
  const outcomes = await killInstance(fleet, options);
  return outcomes.map((outcome) => ({ server, ...outcome }));
}

/** Starts a fleet and stops it afterwards. */
async function withFleet<Kind extends Instance>(
  { network: { places }, isShort }: LbRun,
  given: { instances: readonly Kind[]; names: readonly BalancerName[] },
  use: (fleet: Fleet<Kind>) => Promise<void>,
): Promise<void> {
  const { instances, names } = given;
  const balancers: Balancer[] = [];
  try {
    for (const instance of instances) await instance.start();
    const times = isShort ? SHORT_TIMES : undefined;
    for (const name of names) {
      balancers.push(await STARTERS[name]({ places, times }));
    }
    await use({ instances, balancers, workers: WORKERS });
  } finally {
    for (const balancer of balancers) await balancer.stop();
  }
  for (const instance of instances) await instance.stop();
}
