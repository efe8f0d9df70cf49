import os from "node:os";
import { CORES_EACH } from "../../scaling/limited-scenarios.ts";
import { hello } from "../../scenarios/hello.ts";
import type { Exchange } from "../../scenarios/scenario.ts";
import { work } from "../../servers/work/work.js";
import type { SpecialMetric, SpecialScenario } from "../special-scenario.ts";
import { instanceRows, rowName } from "./instance-rows.ts";
import { type Fleet, measureFleet, missingFor } from "./measure-fleet.ts";

const CORES = os.availableParallelism();
const EFFORT = { connections: 64, warmupSeconds: 1, seconds: 3 };
/** A start puts off what can wait; with little CPU that would show for long. */
const LIMITED_EFFORT = { ...EFFORT, warmupSeconds: 4, seconds: 2 };

export const FLEET_METRICS: readonly SpecialMetric[] = [
  { name: "requestsPerSecond", title: "req/s", digits: 0 },
  { name: "cpuMicrosPerRequest", title: "CPU µs/req", digits: 1 },
  { name: "balancerMicrosPerRequest", title: "of HAProxy", digits: 1 },
  { name: "loadMicrosPerRequest", title: "of the load", digits: 1 },
  { name: "instanceCoresBusy", title: "cores busy", digits: 2 },
  { name: "balancerCoresBusy", title: "of HAProxy's", digits: 2 },
  { name: "p99Ms", title: "p99 ms", digits: 2 },
];

/** Where the machine is full, and of what. */
export const instances: SpecialScenario = fleetScenario({
  name: "instances",
  summary: "hello from 1, 2 and 4 instances of one worker behind HAProxy",
  app: "hello",
  exchanges: hello.exchanges,
  warmup: hello.exchanges,
  counts: [1, 2, 4],
  coresEach: undefined,
});

/** Small machines with real work: does twice as many do twice as much? */
export const instancesWork: SpecialScenario = fleetScenario({
  name: "instances-work",
  summary:
    "130 µs of work a request on 1, 2, 4 and 8 instances of a tenth of a core",
  app: "work",
  exchanges: [exchange("/", work())],
  // Many requests in a short time, so that all of their code is compiled.
  warmup: [exchange("/warm-up", "ready")],
  counts: [1, 2, 4, 8],
  coresEach: CORES_EACH["instances-work"],
});

/** The same without work: the balancer is in their way sooner. */
export const instancesHello: SpecialScenario = fleetScenario({
  name: "instances-hello",
  summary: "hello from 1, 2, 4 and 8 instances of a tenth of a core",
  app: "hello",
  exchanges: hello.exchanges,
  warmup: hello.exchanges,
  counts: [1, 2, 4, 8],
  coresEach: CORES_EACH["instances-hello"],
});

interface FleetWish extends Fleet {
  readonly name: string;
  readonly summary: string;
  /** Behind HAProxy. */
  readonly counts: readonly number[];
}

function fleetScenario({
  name,
  summary,
  counts,
  ...fleet
}: FleetWish): SpecialScenario {
  const effort = fleet.coresEach === undefined ? EFFORT : LIMITED_EFFORT;
  const rows = instanceRows(counts, fleet.coresEach === undefined);
  const rowOf = (wanted: string) => {
    const row = rows.find((one) => rowName(one) === wanted);
    if (!row) throw new Error(`there are no instances "${wanted}"`);
    return row;
  };
  return {
    name,
    summary,
    servers: rows.map(rowName),
    load: "wrk, where it is installed",
    ...(fleet.coresEach === undefined && {
      pinning: `all of them share ${CORES} cores`,
    }),
    rounds: 3,
    effort,
    metrics: FLEET_METRICS,
    missing: (server) => missingFor(rowOf(server), fleet),
    measure: (server, context) => {
      const how = { ...context, effort: { ...effort, ...context.effort } };
      return measureFleet(rowOf(server), fleet, how);
    },
  };
}

function exchange(path: string, body: string): Exchange {
  const contentType = "text/plain; charset=utf-8";
  return {
    request: { method: "GET", path, headers: {} },
    answer: { status: 200, contentType, body },
  };
}
