import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisorRig } from "./supervisor-rig.ts";

const hangUp = { type: "reload" } as const;

/** How the last reload went, but for when. */
function lastOutcome({ supervisor }: SupervisorRig) {
  assert.ok(supervisor.lastReload);
  const { at, ...outcome } = supervisor.lastReload;
  assert.match(at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  return outcome;
}

describe("a reload", () => {
  it("replaces the workers one after the other, new ones first", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    const [one, two] = rig.processes;
    await rig.reload();
    const first = ["1.1 ready", "2.1 ready", "1.2 starting"];
    assert.deepEqual(rig.workers, first);
    assert.deepEqual(one?.heard, []);
    rig.process(1).becomeReady();
    const second = ["1.1 draining", "2.1 ready", "1.2 ready", "2.2 starting"];
    assert.deepEqual(rig.workers, second);
    assert.deepEqual(one?.heard, ["drain"]);
    assert.deepEqual(two?.heard, []);
    rig.process(2).becomeReady();
    one?.leave();
    two?.leave();
    assert.deepEqual(rig.workers, ["1.2 ready", "2.2 ready"]);
  });

  it("is done when all are new, though old ones still drain", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload();
    assert.equal(rig.supervisor.rollout?.generation, 2);
    assert.equal(rig.supervisor.lastReload, undefined);
    rig.process(1).becomeReady();
    rig.process(2).becomeReady();
    assert.equal(rig.supervisor.rollout, undefined);
    const outcome = lastOutcome(rig);
    assert.deepEqual(outcome, { result: "success", generation: 2 });
    assert.equal(rig.supervisor.generation, 2);
    assert.equal(rig.countOf("reloads", "success"), 1);
    assert.equal(rig.countOf("restarts", "reload"), 2);
  });

  it("takes the connections away before it tells to drain", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    const [old] = rig.processes;
    const heardThen: string[][] = [];
    rig.onTold = (what) => {
      if (what === "draining 1.1") heardThen.push([...(old?.heard ?? [])]);
    };
    await rig.reload({ workers: 1 });
    rig.process(1).becomeReady();
    assert.deepEqual(heardThen, [[]]);
    assert.deepEqual(old?.heard, ["drain"]);
  });

  it("brings the settings that were read, also how many workers", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    await rig.reload({ workers: 3, serverName: "new" });
    assert.deepEqual(rig.workers, ["1.1 ready", "1.2 starting"]);
    rig.process(1).becomeReady();
    const more = ["1.2 ready", "2.2 starting", "3.2 starting"];
    assert.deepEqual(rig.workers.slice(1), more);
    assert.equal(rig.supervisor.settings.serverName, "new");
    assert.equal(rig.pool.workers.at(-1)?.settings.serverName, "new");
    assert.equal(rig.pool.workers[0]?.settings.serverName, "remuda");
  });

  it("takes workers away only once the new ones serve", async (t) => {
    const rig = new SupervisorRig(t, { workers: 3 });
    rig.run();
    await rig.reload({ workers: 1 });
    const before = ["1.1 ready", "2.1 ready", "3.1 ready", "1.2 starting"];
    assert.deepEqual(rig.workers, before);
    rig.process(1).becomeReady();
    assert.equal(rig.supervisor.lastReload?.result, "success");
    for (const fake of rig.processes.slice(0, 3)) {
      rig.advance(500);
      assert.deepEqual(fake.heard, ["drain"]);
      fake.leave();
    }
    assert.deepEqual(rig.workers, ["1.2 ready"]);
  });

  it("keeps what cannot change, and says so", async (t) => {
    const rig = new SupervisorRig(t, { port: 8080 });
    rig.run();
    await rig.reload({ port: 8081 });
    assert.equal(rig.supervisor.settings.port, 8080);
    assert.equal(rig.logged("needs a restart")[0]?.setting, "port");
  });

  it("lets slots that wait after a crash start at once", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    rig.process(1).exit(1);
    assert.deepEqual(rig.workers, []);
    await rig.reload({ workers: 1 });
    assert.deepEqual(rig.workers, ["1.2 starting"]);
  });

  it("is ignored while the server stops", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    rig.enqueue({ type: "stop", how: "terminate" });
    await rig.reload();
    assert.equal(rig.supervisor.generation, 1);
    assert.equal(rig.logged("reload ignored").length, 1);
  });

  it("comes to nothing if the server stops meanwhile", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    const reloading = rig.reload();
    rig.enqueue({ type: "stop", how: "quit" });
    await reloading;
    assert.equal(rig.supervisor.generation, 1);
    assert.deepEqual(rig.workers, ["1.1 draining", "2.1 draining"]);
  });
});

describe("a reload whose settings are refused", () => {
  it("changes nothing and says why", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload(new Error("port must be a number"));
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
    const outcome = lastOutcome(rig);
    const error = "port must be a number";
    assert.deepEqual(outcome, { result: "refused", error });
    assert.equal(rig.countOf("reloads", "refused"), 1);
    assert.equal(rig.supervisor.isLastConfigGood, false);
  });

  it("is made good by the next one", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload(new Error("no"));
    await rig.reload();
    assert.equal(rig.supervisor.isLastConfigGood, true);
    assert.equal(rig.supervisor.rollout?.generation, 2);
  });

  it("does not end the restart that is under way", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload();
    await rig.reload(new Error("no"));
    assert.equal(rig.supervisor.rollout?.generation, 2);
    rig.process(1).becomeReady();
    rig.process(2).becomeReady();
    assert.equal(rig.supervisor.lastReload?.result, "success");
  });
});

describe("a reload whose first worker fails", () => {
  it("keeps the old workers, and says why", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload({ serverName: "new" });
    rig.process(1).fail("bad deploy");
    rig.advance(5_000);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
    const outcome = lastOutcome(rig);
    const expected = { result: "failure", generation: 2, error: "bad deploy" };
    assert.deepEqual(outcome, expected);
    assert.equal(rig.supervisor.generation, 1);
    assert.equal(rig.supervisor.settings.serverName, "remuda");
    assert.equal(rig.supervisor.rollout, undefined);
    assert.equal(rig.countOf("reloads", "failure"), 1);
    assert.equal(rig.countOf("restarts", "start_failed"), 1);
    for (const fake of rig.processes) assert.deepEqual(fake.heard, []);
  });

  it("fails as well where it is not ready in time", async (t) => {
    const rig = new SupervisorRig(t, { startTimeoutMs: 2_000 });
    rig.run();
    await rig.reload({ startTimeoutMs: 1_000 });
    const late = rig.process(1);
    rig.advance(1_500);
    assert.deepEqual(late.signals, ["SIGKILL"], "by the new settings");
    late.exit(null, "SIGKILL");
    const { lastReload } = rig.supervisor;
    const expected = "a worker was not ready within startTimeoutMs";
    assert.equal(lastReload?.error, expected);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
  });

  it("keeps as many workers as there were", async (t) => {
    for (const workers of [1, 5]) {
      t.mock.reset();
      const rig = new SupervisorRig(t, { workers: 3 });
      rig.run();
      await rig.reload({ workers });
      rig.process(1).fail("bad deploy");
      rig.advance(1_000);
      const kept = ["1.1 ready", "2.1 ready", "3.1 ready"];
      assert.deepEqual(rig.workers.slice(0, 3), kept);
      assert.equal(rig.supervisor.target, 3);
    }
  });

  it("keeps its settings also where another reload was refused", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload({ serverName: "new" });
    await rig.reload(new Error("no"));
    rig.process(1).fail("bad deploy");
    assert.equal(rig.supervisor.settings.serverName, "remuda");
  });

  it("can be tried again, with a generation of its own", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    await rig.reload({ workers: 1 });
    rig.process(1).fail("bad deploy");
    await rig.reload({ workers: 1 });
    assert.deepEqual(rig.workers, ["1.1 ready", "1.3 starting"]);
    rig.process(1).becomeReady();
    assert.equal(rig.supervisor.lastReload?.result, "success");
    assert.equal(rig.supervisor.lastReload?.generation, 3);
  });

  it("does not keep crashed workers from coming back", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload();
    rig.process(1).fail("bad deploy");
    rig.process(2).exit(1);
    rig.advance(600);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 starting"]);
  });
});

describe("a reload during a reload", () => {
  it("dismisses the worker that starts, and begins anew", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload();
    const overtaken = rig.process(1);
    await rig.reload();
    assert.equal(rig.supervisor.rollout?.generation, 3);
    overtaken.say({ type: "hello" });
    assert.deepEqual(overtaken.heard, ["drain"]);
    rig.advance(500);
    const expected = ["1.1 ready", "2.1 ready", "1.2 draining", "1.3 starting"];
    assert.deepEqual(rig.workers, expected);
  });

  it("returns, if it fails, to before both", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload({ serverName: "second" });
    rig.process(1).becomeReady();
    await rig.reload({ serverName: "third" });
    rig.advance(500);
    rig.process(1).fail("bad deploy");
    assert.equal(rig.supervisor.generation, 1);
    assert.equal(rig.supervisor.settings.serverName, "remuda");
    const ready = rig.workers.filter((each) => each.endsWith("ready"));
    assert.deepEqual(ready, ["2.1 ready", "1.2 ready"]);
  });

  it("does not fail for a worker that was dismissed", async (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    await rig.reload();
    const overtaken = rig.process(1);
    await rig.reload();
    overtaken.exit(1);
    assert.equal(rig.supervisor.rollout?.generation, 3);
  });
});

describe("a reload while the first workers start", () => {
  it("starts with the new settings", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.start();
    await rig.reload({ workers: 1, serverName: "new" });
    rig.advance(500);
    assert.deepEqual(rig.workers, ["1.1 draining", "1.2 starting"]);
    rig.process(1).becomeReady();
    const told = ["started", "reload ended: success"];
    assert.deepEqual(rig.told.slice(-2), told);
    assert.equal(rig.supervisor.settings.serverName, "new");
  });
});

it("asks for settings anew with each HUP", (t) => {
  const rig = new SupervisorRig(t);
  rig.run();
  rig.enqueue(hangUp);
  rig.enqueue(hangUp);
  assert.equal(rig.logged("reloading").length, 2);
});

/** How the reload that was asked for last ended, once it has. */
function endOf({ supervisor }: SupervisorRig) {
  return supervisor.whenReloadIsDecided().then(({ at: _, ...end }) => end);
}

describe("who waits for a reload", () => {
  it("is told how it ended", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    const reloading = rig.reload({ workers: 1 });
    const end = endOf(rig);
    await reloading;
    rig.process(1).becomeReady();
    const success = { result: "success", generation: 2, isSuperseded: false };
    assert.deepEqual(await end, success);
    const next = endOf(rig);
    await rig.reload(new Error("no such setting"));
    assert.deepEqual(await next, {
      result: "refused",
      error: "no such setting",
      isSuperseded: false,
    });
  });

  it("is told the outcome of a later one that took its place", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    await rig.reload({ workers: 1 });
    const first = endOf(rig);
    await rig.reload({ workers: 1 });
    const second = endOf(rig);
    rig.process(1).becomeReady();
    const success = { result: "success", generation: 3 };
    assert.deepEqual(await first, { ...success, isSuperseded: true });
    assert.deepEqual(await second, { ...success, isSuperseded: false });
  });

  it("goes on to wait where a later one is refused", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    await rig.reload({ workers: 1 });
    const first = endOf(rig);
    const refused = rig.reload(new Error("no such setting"));
    const second = endOf(rig);
    await refused;
    assert.equal((await second).result, "refused");
    rig.process(1).becomeReady();
    const success = { result: "success", generation: 2, isSuperseded: false };
    assert.deepEqual(await first, success);
  });

  it("is told when the server stops instead", async (t) => {
    const rig = new SupervisorRig(t, { workers: 1 });
    rig.run();
    await rig.reload({ workers: 1 });
    const end = endOf(rig);
    rig.enqueue({ type: "stop", how: "quit" });
    const { result, error } = await end;
    assert.deepEqual([result, error], ["stopped", "the server is stopping"]);
  });
});
