import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ReportBook } from "../support/client-report.ts";
import type { AttackPhase, Phase } from "./arena.ts";
import {
  harmChecks,
  latencyCheck,
  memoryBounds,
  type Outcome,
  SLACK_BYTES,
} from "./judge.ts";
import { check, type HostileKind } from "./kind.ts";
import { newTally } from "./tally.ts";

const MIB = 2 ** 20;

const KIND: HostileKind = {
  name: "test",
  summary: "does nothing",
  boundBy: "nothing",
  bytesPerConnection: MIB,
  groups: () => [
    { connections: 5, opensPerSecond: 1, turnsPerSecond: 1 },
    { connections: 2, opensPerSecond: 1, turnsPerSecond: 1 },
  ],
  defence: () => [check("it defends itself", true, "yes")],
};

function phase(latencyMs: number): Phase {
  const book = new ReportBook();
  for (let count = 0; count < 100; count++) book.addAnswer(200, latencyMs);
  const report = book.snapshot();
  const [workerPeaks, masterPeak] = [[50 * MIB, 60 * MIB], 70 * MIB];
  const cpu = { serverCpu: 0, loadCpu: 0, machineCpu: 0 };
  return { seconds: 1, report, workerPeaks, masterPeak, ...cpu };
}

function outcome(changes: Partial<AttackPhase> = {}): Outcome {
  const attack: AttackPhase = {
    ...phase(1),
    tally: newTally(),
    attackCpu: 0,
    parseErrors: {},
    restarts: 0,
    descriptorsBefore: 60,
    descriptorsAfter: 60,
    ...changes,
  };
  return { kind: KIND, scale: 1, baseline: phase(1), attack };
}

function unmet(changes: Partial<AttackPhase>): string[] {
  const checks = harmChecks(outcome(changes));
  return checks.filter(({ isMet }) => !isMet).map(({ what }) => what);
}

describe("what an attack did", () => {
  test("is no harm where all is as it was", () => {
    assert.deepEqual(unmet({}), []);
  });

  test("is harm where a worker was replaced or descriptors are left", () => {
    const changes = { restarts: 1, descriptorsAfter: 61 };
    const harm = ["no worker restarts", "descriptors are given back"];
    assert.deepEqual(unmet(changes), harm);
  });

  test("is harm where a request failed or a connection was lost", () => {
    const book = new ReportBook();
    book.addAnswer(200, 1);
    book.addFailure({ kind: "reset", request: "GET /", connection: 0 });
    book.addIdleClose("fin");
    const harm = ["none fails", "no connection is lost"];
    assert.deepEqual(unmet({ report: book.snapshot() }), harm);
  });

  test("is harm where memory is over its bound", () => {
    // One worker may have four of the seven connections.
    const worker = 60 * MIB + SLACK_BYTES + 4 * MIB;
    assert.equal(memoryBounds(outcome()).worker, worker);
    assert.deepEqual(unmet({ workerPeaks: [worker, worker] }), []);
    const harm = ["memory of a worker"];
    assert.deepEqual(unmet({ workerPeaks: [0, worker + 1] }), harm);
  });

  test("is harm where the p99 is more than twice what it was", () => {
    const isMet = (p99Ms: number) => {
      return latencyCheck(outcome({ report: phase(p99Ms).report })).isMet;
    };
    assert.deepEqual([1.9, 2.1].map(isMet), [true, false]);
  });

  test("is none where a p99 below a millisecond doubles", () => {
    const { attack } = outcome({ report: phase(0.9).report });
    const quick = { ...outcome(), baseline: phase(0.1), attack };
    assert.equal(latencyCheck(quick).isMet, true);
  });
});
