import type { ScenarioResult } from "../results-file.ts";
import { fitUsl, type RatePoint, type UslFit, uslRate } from "./usl-fit.ts";

/** What one kind of server does in so many instances. */
export interface InstanceCurve {
  readonly server: string;
  readonly points: readonly CurvePoint[];
  readonly fit: UslFit;
}

export interface CurvePoint {
  readonly instances: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** By the law. */
  readonly fitted: number;
  /** What comes of it by the CPU costs that one instance has. */
  readonly predicted: number | undefined;
}

const ROW = /^(.+)-(\d+)$/;

/**
 * @param coresEach how much of a core an instance has; undefined where nothing
 *   limits them
 */
export function instanceCurves(
  result: ScenarioResult,
  coresEach: number | undefined,
): InstanceCurve[] {
  const servers = new Set(rowsOf(result).map(({ server }) => server));
  return [...servers].map((server) => {
    const rows = rowsOf(result).filter((row) => row.server === server);
    const fit = fitUsl(rows.flatMap((row) => pointsOf(result, row)));
    const points = rows.map(({ name, instances }) => {
      const { median, min, max } = spreadOf(result, name, "requestsPerSecond");
      const predicted =
        coresEach === undefined
          ? undefined
          : predictedRate(result, { server, instances, coresEach });
      const fitted = uslRate(fit, instances);
      return { instances, median, min, max, fitted, predicted };
    });
    return { server, points, fit };
  });
}

interface Row {
  readonly name: string;
  readonly server: string;
  readonly instances: number;
}

/** Those behind the balancer. */
function rowsOf({ medians }: ScenarioResult): Row[] {
  return Object.keys(medians).flatMap((name) => {
    const [, server, instances] = ROW.exec(name) ?? [];
    return server ? [{ name, server, instances: Number(instances) }] : [];
  });
}

function pointsOf({ samples }: ScenarioResult, row: Row): RatePoint[] {
  const own = samples.filter(({ server }) => server === row.name);
  return own.map(({ requestsPerSecond }) => ({
    instances: row.instances,
    requestsPerSecond: Number(requestsPerSecond),
  }));
}

/**
 * Who is full first: the instances of their parts, the core that they share, or
 * the one that balancer and load share. Each cost is that with one instance.
 */
function predictedRate(
  result: ScenarioResult,
  {
    server,
    instances,
    coresEach,
  }: { server: string; instances: number; coresEach: number },
): number {
  const cost = (metric: string) => {
    return spreadOf(result, `${server}-1`, metric).median;
  };
  const own = cost("cpuMicrosPerRequest");
  const others =
    cost("balancerMicrosPerRequest") + cost("loadMicrosPerRequest");
  const cores = Math.min(1, coresEach * instances);
  return Math.min((cores * 1e6) / own, 1e6 / others);
}

function spreadOf({ medians }: ScenarioResult, server: string, metric: string) {
  const spread = medians[server]?.[metric];
  if (!spread) throw new Error(`${server} has no ${metric}`);
  return spread;
}
