import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import type { Failure, SentRequest } from "./client-report.ts";
import { FailureCauses } from "./failure-causes.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

after(removeTemporaryFolders);

const NOBODY = { begun: 0, connection: 0, taken: 0, flooded: 0 };

function failure(
  sent: Partial<SentRequest> = {},
  kind: Failure["kind"] = "reset",
): Failure {
  const now = performance.now();
  const times = { openedAtMs: now, sentAtMs: now };
  const whole = { number: 1, localPort: 9, worker: undefined, ...times };
  const of = { request: "GET /", connection: 0, atMs: 0 };
  return { kind, ...of, sent: { ...whole, ...sent } };
}

/** @param begun request number by the pid that began it */
function failureCauses(
  begun: Readonly<Record<number, number>> = {},
): FailureCauses {
  const folder = temporaryFolder();
  for (const [pid, number] of Object.entries(begun)) {
    writeFileSync(path.join(folder, pid), `${number}\n`);
  }
  return new FailureCauses(folder);
}

describe("a failure is explained", () => {
  test("by the death of who had begun it", () => {
    const one = failureCauses({ 7: 1 });
    const failed = failure();
    one.addDeath(7);
    one.addFailure(failed);
    const explained = { ...NOBODY, begun: 1 };
    assert.deepEqual(one.classify(), { explained, unexplained: [] });
  });

  test("by the death of whose connection it was", () => {
    const one = failureCauses();
    const failed = failure({ worker: "7" });
    one.addDeath(7);
    one.addFailure(failed);
    assert.equal(one.classify().explained.connection, 1);
  });

  test("by a death that a client noticed late, because it was held up", async () => {
    const one = failureCauses();
    const failed = failure();
    one.addDeath(7);
    const untilMs = performance.now() + 1_300;
    while (performance.now() < untilMs);
    one.addFailure(failed);
    assert.equal(one.classify().explained.taken, 1);
  });

  test("by a death of which the time is not known exactly", () => {
    const one = failureCauses();
    const now = performance.now();
    one.addDeathBetween(7, now - 2_000, now + 10);
    one.addFailure(failure());
    assert.equal(one.classify().explained.taken, 1);
  });

  test("on a new connection by the death of who held it", () => {
    const one = failureCauses();
    const failed = failure();
    one.addDeath(7, new Set([9]));
    one.addFailure(failed);
    assert.equal(one.classify().explained.taken, 1);
  });
});

describe("a flood of connections", () => {
  test("explains that new ones were closed, until it is over", () => {
    const one = failureCauses({ 7: 2 });
    const end = one.beginFlood();
    one.addFailure(failure());
    end();
    const unexplained = [
      failure({ number: 2 }),
      failure({ worker: "7" }),
      failure({}, "timeout"),
      failure({ openedAtMs: performance.now() + 1 }),
    ];
    for (const each of unexplained) one.addFailure(each);
    const explained = { ...NOBODY, flooded: 1 };
    assert.deepEqual(one.classify(), { explained, unexplained });
  });
});

describe("a failure is unexplained", () => {
  const cases: [string, (one: FailureCauses) => void, Failure][] = [
    ["if nobody died", () => {}, failure()],
    ["if another one died", (one) => one.addDeath(8), failure()],
    ["if its worker lives", (one) => one.addDeath(8), failure({ worker: "7" })],
    [
      "if the dead one did not hold its new connection",
      (one) => one.addDeath(8, new Set([10])),
      failure({ number: 2 }),
    ],
    ["if it hung", (one) => one.addDeath(7), failure({}, "timeout")],
    ["if it was refused", (one) => one.addDeath(7), failure({}, "connect")],
    ["if it was wrong", (one) => one.addDeath(7), failure({}, "status")],
    [
      "if nothing was sent",
      (one) => one.addDeath(7),
      { ...failure(), sent: undefined },
    ],
  ];
  for (const [when, prepare, failed] of cases) {
    test(when, () => {
      const one = failureCauses({ 7: 1 });
      prepare(one);
      one.addFailure(failed);
      const { explained, unexplained } = one.classify();
      assert.deepEqual(explained, NOBODY);
      assert.deepEqual(unexplained, [failed]);
    });
  }

  test("if the death came before its connection", () => {
    const one = failureCauses({ 7: 1 });
    one.addDeath(7);
    const failed = failure({ openedAtMs: performance.now() + 1 });
    one.addFailure(failed);
    assert.deepEqual(one.classify().unexplained, [failed]);
  });
});
