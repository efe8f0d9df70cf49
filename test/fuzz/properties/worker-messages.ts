import assert from "node:assert/strict";
import fc from "fast-check";
import { WorkerTotals } from "../../../src/master/metrics/server-totals.ts";
import { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import type { ProcessEvents } from "../../../src/master/supervisor/workers/worker-process.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import type { WorkerMessage } from "../../../src/shared/ipc-messages.ts";
import { emptyRecord } from "../../../src/shared/metrics/totals.ts";
import type { WorkerReport } from "../../../src/shared/metrics/worker-report.ts";
import {
  quietReport,
  seriesOf,
  totalsOf,
} from "../../master/metrics/worker-reports.ts";
import { fuzzProperty } from "../fuzz-property.ts";

const settings = settingsSchema.parse({});
const MAX_MESSAGES = 12;

/** Valid messages of workers; `mutated` replaces a part of one. */
const report: WorkerReport = {
  ...quietReport(),
  totals: totalsOf({
    numbers: { acceptedConnections: 2 },
    labelled: { parseErrors: { host: 1 } },
    requests: seriesOf({ method: "GET", status: 200, route: "/" }, [0.25]),
  }),
};
const WELL_FORMED: readonly WorkerMessage[] = [
  { type: "hello" },
  { type: "ready", hasApp: true, routes: [{ method: "GET", pattern: "/" }] },
  { type: "failed", message: "no database", stack: "Error" },
  { type: "accepted", id: 1 },
  { type: "connections", openConnections: 3 },
  { type: "heartbeat", report },
  { type: "count", id: 1, entries: [{ key: "a", points: 1, windowMs: 1000 }] },
  { type: "retire", why: "TERM" },
  { type: "bind", id: 1, address: { port: 0, host: "::1", ordinal: 1 } },
  { type: "bind", id: 0, address: "configured", isTls: false },
  { type: "unbind", listener: 1 },
  { type: "broadcast", json: "[1]" },
  { type: "leaving", report },
];

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(-1, 1e308, 2 ** 53, 0.1, "", "__proto__", null),
  fc.constant(JSON.parse('{"__proto__":{"type":"ready"},"constructor":1}')),
);

/** Replaces any part of the message by another value. */
const mutated = fc
  .tuple(fc.constantFrom(...WELL_FORMED), fc.nat(), anything)
  .map(([message, place, value]) => {
    const copy = structuredClone(message) as object;
    const places = placesIn(copy);
    const [parent, key] = places[place % places.length] as Place;
    parent[key] = value as never;
    return copy;
  });

type Place = readonly [Record<string, unknown>, string];

function placesIn(value: object): Place[] {
  const parent = value as Record<string, unknown>;
  return Object.entries(parent).flatMap(([key, child]) => [
    [parent, key] as const,
    ...(typeof child === "object" && child ? placesIn(child) : []),
  ]);
}

export const workerMessages = fuzzProperty({
  name: "worker-messages",
  sentence: "nothing that a worker says throws in the master, or takes away",
  inputs: fc.array(
    fc.oneof(fc.constantFrom(...WELL_FORMED), mutated, anything),
    { maxLength: MAX_MESSAGES },
  ),
  check: (values) => {
    const totals = new WorkerTotals();
    const { events, heard, violations } = startHandle((message) => {
      if (!("report" in message)) return;
      const before = figuresOf(totals);
      totals.record(1, message.report.totals);
      for (const [name, now] of Object.entries(figuresOf(totals))) {
        assert.ok(now >= (before[name] ?? 0), `${name} fell to ${now}`);
      }
    });
    // Only JSON values arrive over the channel.
    for (const value of values) {
      events.onMessage(JSON.parse(JSON.stringify(value)));
    }
    assert.ok(violations.length <= 1);
    assert.equal(({} as Record<string, unknown>).type, undefined);
    if (values.length > 0 && violations.length === 0) {
      assert.equal(heard.length, values.length);
    }
  },
});

function startHandle(onHeard: (message: WorkerMessage) => void) {
  let events: ProcessEvents | undefined;
  const heard: WorkerMessage[] = [];
  const violations: string[] = [];
  const identity = {
    slot: 1,
    generation: 1,
    settings,
    startedAt: 0,
    chance: 0,
  };
  new WorkerHandle(
    (given) => {
      events = given;
      const nothing = () => {};
      const acts = {
        ...{ send: nothing, kill: nothing, askWatchdog: nothing },
        ...{ pauseWatchdog: nothing, resumeWatchdog: nothing },
      };
      return { id: 1, pid: 1, ...acts };
    },
    identity,
    {
      onMessage: (_, message) => {
        heard.push(message);
        onHeard(message);
      },
      onArrived: () => {},
      onWatchdog: () => {},
      onRefused: () => {},
      onViolation: ({ violation = "" }) => violations.push(violation),
      onGone: () => {},
    },
  );
  assert.ok(events);
  return { events, heard, violations };
}

/** Figures that must never decrease. */
function figuresOf(totals: WorkerTotals): Record<string, number> {
  const { numbers, labelled, histograms } = totals.sum();
  const figures = Object.assign(emptyRecord<number>(), numbers);
  for (const [name, counts] of Object.entries(labelled)) {
    for (const [label, n] of Object.entries(counts)) {
      figures[`${name} ${label}`] = n;
    }
  }
  for (const [name, series] of Object.entries(histograms)) {
    for (const [labels, { count, sum, buckets }] of Object.entries(series)) {
      const figure = `${name} ${labels}`;
      figures[`count ${figure}`] = count;
      figures[`sum ${figure}`] = sum;
      for (const [at, n] of buckets.entries()) figures[`${at} ${figure}`] = n;
    }
  }
  return figures;
}
