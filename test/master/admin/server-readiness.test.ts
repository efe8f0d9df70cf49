import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { serverReadiness } from "../../../src/master/admin/server-readiness.ts";
import {
  type GivenSettings,
  SupervisorRig,
} from "../supervisor/supervisor-rig.ts";

const drain = { preStopDelayMs: 3_000 };

/** A rig, and each readiness that its workers receive. */
function observed(t: TestContext, given: GivenSettings = {}) {
  const rig = new SupervisorRig(t, { drain, ...given });
  const told: string[] = [];
  rig.onTurn = () => {
    const { supervisor: server, pool } = rig;
    const { workers } = pool;
    const readiness = serverReadiness({ server, workers });
    const { isReady, why, isClosing } = readiness;
    const mark = `${isReady ? "+" : "-"} ${why}${isClosing ? ", closing" : ""}`;
    if (mark !== told.at(-1)) told.push(mark);
  };
  return { rig, told };
}

describe("the readiness of the server", () => {
  it("changes as soon as workers get ready, and are lost", (t) => {
    const { rig, told } = observed(t);
    rig.run();
    rig.process(1).exit(1);
    rig.process(2).exit(1);
    const none = "- 0 of 2 workers are ready";
    assert.deepEqual(told, [none, "+ ready", none]);
  });

  it("is closing from TERM on, and not ready", (t) => {
    const { rig, told } = observed(t);
    rig.run();
    rig.enqueue({ type: "stop", how: "terminate" });
    assert.equal(rig.supervisor.phase, "preStop");
    assert.equal(told.at(-1), "- stopping, closing");
    rig.advance(4_000);
    assert.equal(told.at(-1), "- stopping, closing");
  });

  it("is ready all through a roll", async (t) => {
    const { rig, told } = observed(t);
    rig.run();
    const before = told.length;
    await rig.reload();
    rig.advance(500);
    for (let slot = 1; slot <= 2; slot++) {
      rig.process(slot).becomeReady();
      rig.advance(500);
    }
    assert.deepEqual(told.slice(before), []);
  });

  it("is ready, of a master that has handed the server over", (t) => {
    const { rig, told } = observed(t);
    rig.run();
    const successor = rig.upgrade();
    successor.say({ type: "hello", protocol: 1 });
    successor.say({ type: "ready", sockets: ["a:80"] });
    successor.say({ type: "taken" });
    assert.equal(rig.supervisor.phase, "draining");
    assert.equal(told.at(-1), "+ ready, closing");
  });
});
