import type { ClientReport } from "../support/client-report.ts";
import type { Fleet } from "./fleet.ts";
import { FleetLoad } from "./fleet-load.ts";
import type { RemudaInstance } from "./remuda-instance.ts";
import type { Way } from "./ways.ts";

export interface RollingOptions {
  readonly way: Way;
  /** How often the whole fleet gets another version. */
  readonly times: number;
  /** Of each of the client's connections, before each request. */
  readonly maxPauseMs: number;
  /** A version that was never there. */
  readonly nextVersion: () => string;
}

/** What came of it behind one balancer. */
export interface RollingProof {
  readonly way: string;
  readonly balancer: string;
  readonly times: number;
  readonly report: ClientReport;
  /** Answers of the versions that were put in force. */
  readonly ofNewVersions: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Of what went wrong, the first ones. */
const MAX_FAULTS = 10;

/** Upgrades a fleet, one instance after the other, under load. */
export async function proveRolling(
  fleet: Fleet<RemudaInstance>,
  options: RollingOptions,
): Promise<RollingProof[]> {
  const { way, times, maxPauseMs } = options;
  const startedMs = performance.now();
  const loads = fleet.balancers.map((each) => new FleetLoad(each, maxPauseMs));
  const versions: string[] = [];
  try {
    for (let time = 0; time < times; time++) {
      const version = options.nextVersion();
      versions.push(version);
      await upgrade(fleet, loads, { way, version });
    }
    // What the old ones had left open is closed under load, too.
    for (const each of fleet.instances) await each.untilSettled(fleet.workers);
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  return loads.map((load) => ({
    ...{ way: way.name, balancer: load.balancer.name, times, seconds },
    report: load.report,
    ofNewVersions: versions.reduce((sum, each) => {
      return sum + load.seen.count(each);
    }, 0),
    faults: faultsOf(load),
  }));
}

async function upgrade(
  { instances, balancers }: Fleet<RemudaInstance>,
  loads: readonly FleetLoad[],
  { way, version }: { way: Way; version: string },
): Promise<void> {
  for (const instance of instances) {
    instance.deploy(version);
    await way.run(instance, balancers);
    for (const { seen } of loads) await seen.until(instance.number, version);
  }
}

function faultsOf({ report, failures, balancer }: FleetLoad): string[] {
  const { failureCount, idleResets } = report;
  if (failureCount + idleResets === 0) return [];
  const resets = `${idleResets} idle connections were reset`;
  return [
    ...failures.slice(0, MAX_FAULTS).map((one) => JSON.stringify(one)),
    `${failureCount} requests failed, ${resets}`,
    ...balancer.problems().slice(0, MAX_FAULTS),
  ];
}
