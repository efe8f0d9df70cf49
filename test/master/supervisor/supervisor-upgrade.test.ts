import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type GivenSettings, SupervisorRig } from "./supervisor-rig.ts";

const terminate = { type: "stop", how: "terminate" } as const;
const GOES_ON = "upgrade failed; this master goes on";

function runningRig(t: TestContext, given: GivenSettings = {}) {
  const rig = new SupervisorRig(t, given);
  rig.run();
  return rig;
}

/** An upgrade that has got so far that the next word is "taken". */
function handingOver(rig: SupervisorRig) {
  const incoming = rig.upgrade();
  incoming.hello();
  incoming.ready("a:80");
  return incoming;
}

function assertGoesOn(rig: SupervisorRig, error: RegExp): void {
  const [line] = rig.logged(GOES_ON);
  assert.match(String(line?.error), error);
  assert.equal(rig.supervisor.phase, "running");
  assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
  assert.equal(rig.countOf("upgrades", "failure"), 1);
  assert.equal(rig.countOf("upgrades", "success"), 0);
  const { last } = rig.supervisor.upgrades;
  assert.equal(last?.result, "failure");
  assert.match(String(last?.error), error);
}

describe("an upgrade", () => {
  it("gives the new master the sockets, the keys and the counts", (t) => {
    const rig = runningRig(t);
    const incoming = rig.upgrade();
    assert.deepEqual([...incoming.sockets.keys()], ["a:80"]);
    incoming.hello();
    assert.deepEqual(incoming.told, ["welcome"]);
    assert.equal(rig.told.includes("hold answers"), false);
    incoming.ready("a:80");
    assert.equal(rig.told.at(-1), "hold answers");
    assert.deepEqual(incoming.told, ["welcome", "takeOver"]);
    assert.equal(rig.supervisor.phase, "running");
  });

  it("drains without a delay once the new one has taken over", (t) => {
    const rig = runningRig(t);
    handingOver(rig).taken();
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
    assert.ok(rig.told.includes("closing"));
    assert.deepEqual([...rig.supervisor.upgrades.handedOver], ["a:80"]);
    assert.equal(rig.countOf("upgrades", "success"), 1);
    assert.equal(rig.logged("upgraded").length, 1);
  });

  it("tells late counts each second, and leaves last", (t) => {
    const rig = runningRig(t);
    const incoming = handingOver(rig);
    incoming.taken();
    incoming.settled();
    rig.advance(2_500);
    const counted = incoming.told.filter((type) => type === "counted");
    assert.equal(counted.length, 2);
    for (const fake of rig.processes) fake.leave();
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("does not leave before the world knows the new master", (t) => {
    const rig = runningRig(t);
    const incoming = handingOver(rig);
    incoming.taken();
    for (const fake of rig.processes) fake.leave();
    assert.equal(rig.told.includes("stopped 0"), false);
    incoming.settled();
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("leaves all the same where the new one never says so", (t) => {
    const rig = runningRig(t);
    handingOver(rig).taken();
    for (const fake of rig.processes) fake.leave();
    rig.advance(5_500);
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("is over for this master where the new one dies later", (t) => {
    const rig = runningRig(t);
    const incoming = handingOver(rig);
    incoming.taken();
    incoming.leave();
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
    for (const fake of rig.processes) fake.leave();
    assert.equal(rig.told.at(-1), "stopped 0");
  });

  it("tells who waits how it ended", async (t) => {
    const rig = runningRig(t);
    const ended = rig.supervisor.whenUpgradeEnds();
    handingOver(rig).taken();
    const { result, pid } = await ended;
    assert.deepEqual({ result, pid }, { result: "success", pid: 4242 });
  });
});

describe("an upgrade that fails", () => {
  it("where the new master cannot be started", (t) => {
    const rig = runningRig(t);
    rig.failNextUpgrade("there is no node");
    rig.enqueue({ type: "upgrade" });
    assertGoesOn(rig, /there is no node/);
    assert.equal(rig.supervisor.upgrades.state, "idle");
  });

  it("where it ends before it is ready", (t) => {
    const rig = runningRig(t);
    rig.upgrade().leave();
    assertGoesOn(rig, /left with code 1 before it had taken over/);
    assert.equal(rig.supervisor.upgrades.state, "idle");
  });

  it("for the reason that it gives", (t) => {
    const rig = runningRig(t);
    const incoming = rig.upgrade();
    incoming.say({ type: "failed", message: "app.js is broken" });
    assertGoesOn(rig, /app.js is broken/);
    assert.equal(incoming.wasKilled, true);
    incoming.leave();
    assert.equal(rig.countOf("upgrades", "failure"), 1);
  });

  it("where it is of a version that this one does not understand", (t) => {
    const rig = runningRig(t);
    const incoming = rig.upgrade();
    incoming.hello(99);
    assertGoesOn(rig, /protocol 99/);
    assert.equal(incoming.wasKilled, true);
  });

  it("where it speaks nonsense", (t) => {
    const rig = runningRig(t);
    rig.upgrade().speakNonsense();
    assertGoesOn(rig, /nonsense/);
  });

  it("where it is not ready in time", (t) => {
    const rig = runningRig(t, { upgradeTimeoutMs: 3_000 });
    const incoming = rig.upgrade();
    incoming.hello();
    rig.advance(2_500);
    assert.equal(incoming.wasKilled, false);
    rig.advance(1_000);
    assert.equal(incoming.wasKilled, true);
    assertGoesOn(rig, /had not taken over after 3000 ms/);
    incoming.leave();
    assert.equal(rig.supervisor.upgrades.state, "idle");
  });

  it("while it takes over: what it has accepted it may finish", (t) => {
    const rig = runningRig(t, {
      upgradeTimeoutMs: 3_000,
      drain: { lingerMs: 100, deadlineMs: 1_000 },
    });
    const incoming = handingOver(rig);
    rig.advance(3_500);
    assert.equal(rig.told.at(-1), "resume answers");
    assert.equal(incoming.told.at(-1), "abort");
    assert.equal(incoming.wasKilled, false);
    assert.equal(rig.supervisor.upgrades.state, "aborting");
    rig.advance(6_500);
    assert.equal(incoming.wasKilled, true, "in time, however");
    assertGoesOn(rig, /had not taken over/);
  });

  it("and is heard of no more when it comes too late", (t) => {
    const rig = runningRig(t, { upgradeTimeoutMs: 1_000 });
    const incoming = handingOver(rig);
    rig.advance(1_500);
    incoming.taken();
    assertGoesOn(rig, /had not taken over/);
  });

  it("does not stand in the way of the next one", (t) => {
    const rig = runningRig(t);
    rig.upgrade().leave();
    handingOver(rig).taken();
    assert.equal(rig.countOf("upgrades", "success"), 1);
    assert.equal(rig.incoming.length, 2);
  });
});

describe("what an upgrade meets", () => {
  const refused = (rig: SupervisorRig) => rig.countOf("upgrades", "refused");

  it("refuses a second one", async (t) => {
    const rig = runningRig(t);
    const ended = rig.supervisor.whenUpgradeEnds();
    const incoming = rig.upgrade();
    rig.enqueue({ type: "upgrade" });
    assert.equal(rig.incoming.length, 1);
    assert.equal(refused(rig), 1);
    assert.equal(
      rig.logged("upgrade refused: an upgrade is under way").length,
      1,
    );
    incoming.hello();
    incoming.ready();
    incoming.taken();
    assert.equal((await ended).result, "success");
  });

  it("refuses one while the server starts", (t) => {
    const rig = new SupervisorRig(t);
    rig.start();
    rig.enqueue({ type: "upgrade" });
    assert.equal(refused(rig), 1);
    assert.equal(rig.incoming.length, 0);
  });

  it("refuses one while a reload is under way", async (t) => {
    const rig = runningRig(t);
    await rig.reload();
    rig.enqueue({ type: "upgrade" });
    assert.equal(refused(rig), 1);
    const [line] = rig.logged("upgrade refused");
    assert.match(String(line?.msg), /a reload is under way/);
  });

  it("refuses one where the master says that it cannot be", async (t) => {
    const upgradeObstacle = "it is process 1";
    const rig = new SupervisorRig(t, {}, { upgradeObstacle });
    rig.run();
    const ended = rig.supervisor.whenUpgradeEnds();
    rig.enqueue({ type: "upgrade" });
    const { result, error } = await ended;
    assert.deepEqual([result, error], ["refused", "it is process 1"]);
  });

  it("refuses a reload meanwhile", async (t) => {
    const rig = runningRig(t);
    rig.upgrade();
    const ended = rig.supervisor.whenReloadEnds();
    rig.enqueue({ type: "reload" });
    const { result, error } = await ended;
    assert.equal(result, "refused");
    assert.match(String(error), /an upgrade is under way/);
    assert.equal(rig.supervisor.isLastConfigGood, true);
  });

  it("gives way to a stop", (t) => {
    const rig = runningRig(t, { drain: { preStopDelayMs: 1_000 } });
    const incoming = rig.upgrade();
    rig.enqueue(terminate);
    assert.equal(incoming.wasKilled, true);
    assert.equal(rig.supervisor.phase, "preStop");
    assert.equal(rig.countOf("upgrades", "failure"), 1);
    rig.advance(1_500);
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
  });

  it("replaces workers as ever", (t) => {
    const rig = runningRig(t);
    rig.upgrade();
    rig.process(1).exit(1);
    rig.advance(500);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
  });
});
