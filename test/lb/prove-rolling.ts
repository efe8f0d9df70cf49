import type { ClientReport } from "../support/client-report.ts";
import type { Fleet } from "./fleet.ts";
import { FleetLoad } from "./fleet-load.ts";
import type { RemudaInstance } from "./remuda-instance.ts";
import type { Way } from "./ways.ts";

export interface RollingOptions {
  readonly way: Way;
  /** Number of upgrades of the whole fleet. */
  readonly times: number;
  /** Longest pause of a client connection before a request. */
  readonly maxPauseMs: number;
  /** Returns a version that was not used before. */
  readonly nextVersion: () => string;
}

/** Result behind one balancer. */
export interface RollingProof {
  readonly way: string;
  readonly balancer: string;
  readonly times: number;
  readonly report: ClientReport;
  /** Responses of the deployed versions. */
  readonly ofNewVersions: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Maximum number of reported faults. */
const MAX_FAULTS = 10;

/** Upgrades a fleet under load, one instance after the other. */
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
    // Connections that the old processes left open also close under load.
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
