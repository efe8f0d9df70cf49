/**
 * A short version of `npm run hostile`: small numbers, and no latencies, which
 * mean nothing while other tests run.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stopAllDaemons } from "../support/daemon.ts";
import { Arena, type Phase, timeoutArgs } from "./arena.ts";
import { Helper, stopAllHelpers } from "./helper.ts";
import { harmChecks } from "./judge.ts";
import { KINDS } from "./kinds/hostile-kinds.ts";

const TIMING = { seconds: 1.2, warmupSeconds: 0.1 };
const SCALE = 0.05;

describe("well-behaved clients lose nothing beside", () => {
  let arena: Arena;
  let load: Helper;
  let attacker: Helper;
  let baseline: Phase;

  before(async () => {
    [arena, load, attacker] = await Promise.all([
      Arena.start([...timeoutArgs(TIMING.seconds), "--workers", "2"]),
      Helper.start("load-process.ts"),
      Helper.start("attack-process.ts"),
    ]);
    baseline = await arena.baseline(load, TIMING);
  });
  after(async () => {
    await stopAllHelpers();
    await stopAllDaemons();
  });

  for (const kind of KINDS) {
    it(`${kind.name}, which are dealt with as documented`, async (test) => {
      const clients = { load, attacker };
      const what = { kind, scale: SCALE, isLowPriority: false };
      const attack = await arena.attack(clients, what, TIMING);
      const outcome = { kind, scale: SCALE, baseline, attack };
      const checks = harmChecks(outcome);
      test.diagnostic(checks.map((one) => one.found).join("; "));
      assert.deepEqual(
        checks.filter(({ isMet }) => !isMet),
        [],
      );
    });
  }
});
