import { aimOutcomes } from "../aims.ts";
import type { ScenarioResult } from "../results-file.ts";
import { instanceCurves } from "../scaling/instance-curves.ts";
import { CORES_EACH } from "../scaling/limited-scenarios.ts";
import { aimsSpec } from "./aims-spec.ts";
import { barPanel } from "./bar-panel.ts";
import { curvePanel } from "./curve-panel.ts";
import { type PanelWish, panelOf } from "./panel-of.ts";

export interface Plot {
  /** Of the picture: `docs/images/NAME.svg`. */
  readonly name: string;
  /** What it shows, for who cannot see it; its figures are in tables. */
  readonly alt: string;
  /** As a Vega-Lite spec; undefined where nothing of it was measured. */
  readonly spec: (results: readonly ScenarioResult[]) => object | undefined;
}

/** In two columns. */
const PANEL_WIDTH = 240;
const WIDE_PANEL_WIDTH = 480;

const CPU = { metric: "cpuMicrosPerRequest" };
const BYTES = { metric: "bytesPerSecond", isMoreBetter: true };
const REQUESTS = { metric: "requestsPerSecond", isMoreBetter: true };

export const PLOTS: readonly Plot[] = [
  {
    name: "aims",
    alt: "Each ratio of Remuda to a peer by its aim, on one axis: what is right of 1 is reached",
    spec: (results) => {
      const outcomes = aimOutcomes(results);
      return outcomes.length > 0 ? aimsSpec(outcomes) : undefined;
    },
  },
  bars(
    "cpu-per-request",
    "the CPU time per request of each server, by scenario",
    [
      { ...CPU, scenario: "hello", title: "hello: GET, 11 bytes back" },
      { ...CPU, scenario: "browser", title: "browser: 12 fields with cookies" },
      { ...CPU, scenario: "json", title: "json: POST of 1 KiB" },
      { ...CPU, scenario: "log", title: "log: hello with an access log" },
      { ...CPU, scenario: "stack", title: "stack: 100 routes, middleware" },
      { ...CPU, scenario: "stack-log", title: "stack-log: with an access log" },
      { ...CPU, scenario: "body-64k", title: "body-64k: 64 KiB back" },
    ],
  ),
  bars(
    "pipelined",
    "the requests per second of each server, with 16 in flight on each connection",
    [{ ...REQUESTS, scenario: "pipelined", title: "16 requests in flight" }],
  ),
  bars(
    "transfers",
    "the megabytes per second of each server, for large bodies",
    [
      { ...BYTES, scenario: "download", title: "10 MiB down, in one piece" },
      { ...BYTES, scenario: "download-stream", title: "10 MiB down, streamed" },
      { ...BYTES, scenario: "upload", title: "10 MiB up" },
      { ...BYTES, scenario: "body-64k", title: "64 KiB down" },
    ],
  ),
  bars(
    "connections",
    "the requests per second of each server, with a new connection for each",
    [
      {
        ...REQUESTS,
        scenario: "connect",
        title: "a new connection for each request",
      },
    ],
  ),
  bars("idle", "the memory that an idle connection takes in each server", [
    {
      metric: "bytesPerConnection",
      scenario: "idle",
      title: "memory of an idle connection",
    },
  ]),
  bars("rolls", "the p99 of requests during five rolls, beside that without", [
    {
      metric: "p99Ms",
      scenario: "rolls",
      title: "p99 during five rolls",
      series: { p99Ms: ", rolls", aloneP99Ms: ", none" },
    },
  ]),
  bars("workers", "the requests per second of one and of two workers", [
    {
      ...REQUESTS,
      metric: "requestsPerSecond2",
      axis: "req/s",
      scenario: "workers",
      title: "hello with one worker and with two",
      series: { requestsPerSecond1: ", 1", requestsPerSecond2: ", 2" },
    },
  ]),
  bars("cold-start", "the time from a start to the first answer", [
    {
      metric: "startMs",
      scenario: "cold-start",
      title: "from the start of the process to its first answer",
    },
  ]),
  {
    name: "scale-out",
    alt: "Requests per second by the number of instances: dots are medians, lines between the lowest and the highest round, curves the fitted law, dashes what would be linear",
    spec: (results) => {
      const panels = Object.entries(CORES_EACH).flatMap(([name, cores]) => {
        const result = results.find(({ scenario }) => scenario === name);
        if (!result) return [];
        return [curvePanel(name, instanceCurves(result, cores))];
      });
      return panels.length > 0 ? { hconcat: panels, spacing: 40 } : undefined;
    },
  },
  bars(
    "instances",
    "the CPU time of a request in the instances and in HAProxy, by how many instances there are",
    [
      {
        ...CPU,
        axis: "CPU µs/req",
        scenario: "instances",
        title: "CPU of a request: instances, and HAProxy",
        series: {
          cpuMicrosPerRequest: "",
          balancerMicrosPerRequest: ", HAProxy",
        },
      },
    ],
  ),
];

function bars(name: string, what: string, wishes: readonly PanelWish[]): Plot {
  const spec = (results: readonly ScenarioResult[]) => {
    const panels = wishes.flatMap((wish) => panelOf(wish, results) ?? []);
    const [only] = panels;
    if (only === undefined) return undefined;
    if (panels.length === 1) return barPanel(only, WIDE_PANEL_WIDTH);
    const columns = 2;
    return {
      columns,
      concat: panels.map((panel) => barPanel(panel, PANEL_WIDTH)),
      // Of what is between the bars: titles, axes and names have to fit in.
      bounds: "flush",
      spacing: { row: 80, column: 130 },
      resolve: { scale: { x: "independent", y: "independent" } },
    };
  };
  const alt = `Bars of ${what}; lines show the lowest and the highest round`;
  return { name, alt, spec };
}
