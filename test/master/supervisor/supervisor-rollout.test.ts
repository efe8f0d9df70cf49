import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { ReloadOutcome } from "../../../src/master/supervisor/rollout/reload-outcome.ts";
import { setStats } from "../metrics/worker-reports.ts";
import { type GivenSettings, SupervisorRig } from "./supervisor-rig.ts";

const PAUSE_MS = 2_000;
const canary: GivenSettings = { roll: { canaryPauseMs: PAUSE_MS } };

function running(t: TestContext, given: GivenSettings = {}): SupervisorRig {
  const rig = new SupervisorRig(t, given);
  rig.run();
  return rig;
}

function ready({ workers }: SupervisorRig): string[] {
  const names = workers.filter((each) => each.endsWith(" ready"));
  return names.map((each) => each.slice(0, 3)).sort();
}

function last({ supervisor }: SupervisorRig): Partial<ReloadOutcome> {
  const { at: _, ...outcome } = supervisor.lastReload ?? {};
  return outcome;
}

/** What a promise has come to, without waiting for more. */
async function soFar<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, new Promise<undefined>(setImmediateOnce)]);
}

function setImmediateOnce(resolve: (value: undefined) => void): void {
  setImmediate(() => resolve(undefined));
}

describe("a roll with a surge", () => {
  it("starts one worker, then so many at a time", async (t) => {
    const rig = running(t, { workers: 4 });
    await rig.reload({ workers: 4, roll: { surge: 2 } });
    assert.deepEqual(rig.workers.slice(4), ["1.2 starting"]);
    rig.process(1).becomeReady();
    const two = ["1.2 ready", "2.2 starting", "3.2 starting"];
    assert.deepEqual(rig.workers.slice(4), two);
    rig.process(3).becomeReady();
    assert.equal(rig.workers.at(-1), "4.2 starting");
    rig.process(2).becomeReady();
    rig.process(4).becomeReady();
    assert.deepEqual(last(rig), { result: "success", generation: 2 });
  });

  it("says how far it is, once for each worker", async (t) => {
    const rig = running(t, { workers: 3 });
    await rig.reload({ workers: 3 });
    for (const slot of [1, 2, 3]) {
      rig.process(slot).becomeReady();
      rig.advance(1_000);
    }
    const lines = rig.lines.filter(({ msg }) => msg === "replaced");
    assert.deepEqual(
      lines.map(({ replaced, of }) => [replaced, of]),
      [
        [1, 3],
        [2, 3],
        [3, 3],
      ],
    );
  });
});

describe("a canary", () => {
  it("is followed once it was healthy for the pause", async (t) => {
    const rig = running(t);
    await rig.reload(canary);
    assert.equal(rig.supervisor.rollout?.phase, "canary");
    rig.process(1).becomeReady();
    rig.advance(PAUSE_MS - 500);
    assert.deepEqual(ready(rig), ["1.1", "1.2", "2.1"]);
    assert.deepEqual(rig.processes[0]?.heard, []);
    rig.advance(1_000);
    assert.equal(rig.supervisor.rollout?.phase, "replacing");
    const after = ["1.1 draining", "2.1 ready", "1.2 ready", "2.2 starting"];
    assert.deepEqual(rig.workers, after);
  });

  it("that dies in the pause costs no other worker", async (t) => {
    const rig = running(t);
    await rig.reload(canary);
    rig.process(1).becomeReady();
    rig.advance(300);
    rig.process(1).exit(1);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
    const error = "a new worker died with code 1 while it was rolled out";
    assert.deepEqual(last(rig), { result: "failure", generation: 2, error });
    rig.advance(10_000);
    assert.equal(rig.processes.length, 3, "one attempt");
    assert.equal(rig.supervisor.rollout, undefined);
  });

  it("that is stuck fails the roll", async (t) => {
    const rig = running(t);
    await rig.reload({ roll: { canaryPauseMs: 30_000 } });
    const stuck = rig.process(1);
    stuck.becomeReady();
    rig.silent.add(stuck);
    rig.advance(11_000);
    assert.deepEqual(stuck.signals, ["SIGKILL"]);
    stuck.exit(null, "SIGKILL");
    assert.match(last(rig).error ?? "", /a new worker was stuck/);
    assert.deepEqual(rig.workers, ["1.1 ready", "2.1 ready"]);
  });

  it("that says nothing is not followed when the pause is over", async (t) => {
    const rig = running(t);
    await rig.reload({ roll: { canaryPauseMs: 5_000 } });
    const silent = rig.process(1);
    silent.becomeReady();
    rig.silent.add(silent);
    rig.advance(7_000);
    assert.equal(rig.supervisor.rollout?.phase, "canary");
    rig.silent.delete(silent);
    rig.advance(1_500);
    assert.equal(rig.supervisor.rollout?.phase, "replacing");
  });

  it("whose app finds something wrong leaves", async (t) => {
    const rig = running(t);
    await rig.reload(canary);
    rig.process(1).becomeReady();
    const worker = rig.pool.workers.at(-1);
    assert.ok(worker);
    const checks = [{ name: "db", ageSeconds: 0, failure: "no route" }];
    setStats(worker, { checks });
    rig.advance(500);
    assert.deepEqual(rig.workers.at(-1), "1.2 draining");
    assert.deepEqual(ready(rig), ["1.1", "2.1"]);
    assert.match(last(rig).error ?? "", /check "db" failed .*: no route/);
  });

  it("that asks to be replaced fails the roll", async (t) => {
    const rig = running(t);
    await rig.reload(canary);
    rig.process(1).becomeReady();
    rig.process(1).say({ type: "retire", why: "TERM" });
    assert.deepEqual(ready(rig), ["1.1", "2.1"]);
    assert.equal(last(rig).result, "failure");
  });

  it("does not keep crashed workers of before from coming back", async (t) => {
    const rig = running(t);
    await rig.reload(canary);
    rig.process(2).exit(1);
    rig.advance(600);
    assert.equal(rig.workers.at(-1), "2.1 starting");
    rig.process(2).becomeReady();
    assert.equal(rig.supervisor.rollout?.phase, "canary");
  });

  it("is not waited for where nobody serves", async (t) => {
    const rig = running(t);
    for (const slot of [1, 2]) rig.process(slot).exit(1);
    await rig.reload(canary);
    assert.deepEqual(rig.workers, ["1.2 starting", "2.2 starting"]);
  });

  it("leaves the number of workers open until it has passed", async (t) => {
    const rig = running(t);
    await rig.reload({ workers: 4, ...canary });
    rig.process(1).becomeReady();
    assert.equal(rig.supervisor.target, 2);
    rig.advance(PAUSE_MS + 500);
    assert.equal(rig.supervisor.target, 4);
  });
});

describe("a roll that fails after workers were replaced", () => {
  async function halfRolled(t: TestContext): Promise<SupervisorRig> {
    const rig = running(t, { workers: 3 });
    await rig.reload({ workers: 3, serverName: "new", logLevel: "debug" });
    rig.process(1).becomeReady();
    rig.process(2).becomeReady();
    assert.deepEqual(ready(rig), ["1.2", "2.2", "3.1"]);
    return rig;
  }

  it("brings the generation before back, new ones first", async (t) => {
    const rig = await halfRolled(t);
    rig.process(3).fail("bad deploy");
    assert.equal(rig.supervisor.rollout?.phase, "returning");
    assert.equal(rig.supervisor.rollout?.error, "bad deploy");
    assert.deepEqual(ready(rig), ["1.2", "2.2", "3.1"]);
    assert.equal(rig.workers.at(-1), "1.1 starting");
    const returned = rig.pool.workers.at(-1);
    assert.equal(returned?.settings.serverName, "remuda");
    rig.process(1).becomeReady();
    assert.deepEqual(ready(rig), ["1.1", "2.2", "3.1"]);
    rig.process(2).becomeReady();
    assert.deepEqual(ready(rig), ["1.1", "2.1", "3.1"]);
    assert.equal(rig.supervisor.rollout, undefined);
    assert.equal(last(rig).result, "failure");
    const [line] = rig.logged("returned to the generation before");
    assert.deepEqual(line?.keptSlots, []);
  });

  it("fails as well where a new worker dies later", async (t) => {
    const rig = await halfRolled(t);
    rig.process(1).exit(null, "SIGSEGV");
    assert.match(last(rig).error ?? "", /died by SIGSEGV/);
    rig.advance(1_000);
    const states = rig.workers.filter((each) => !each.includes("draining"));
    const expected = ["3.1 ready", "2.2 ready", "2.1 starting", "1.1 starting"];
    assert.deepEqual(states.sort(), expected.sort());
  });

  it("keeps what serves where the code before does not start", async (t) => {
    const rig = await halfRolled(t);
    rig.process(3).fail("bad deploy");
    rig.process(1).fail("overwritten");
    assert.equal(rig.logged("the worker stays").length, 1);
    rig.process(2).becomeReady();
    assert.deepEqual(ready(rig), ["1.2", "2.1", "3.1"]);
    assert.equal(rig.supervisor.rollout, undefined);
    const forks = rig.processes.length;
    rig.advance(60_000);
    assert.equal(rig.processes.length, forks, "no second attempt");
    const [line] = rig.logged("returned to the generation before");
    assert.deepEqual(line?.keptSlots, [1]);
    rig.process(1).exit(1);
    rig.advance(1_000);
    assert.equal(rig.workers.at(-1), "1.1 starting");
  });

  it("keeps no more workers than there were", async (t) => {
    const rig = running(t, { workers: 1 });
    await rig.reload({ workers: 3 });
    rig.process(1).becomeReady();
    rig.process(2).becomeReady();
    rig.process(3).fail("bad deploy");
    rig.process(1).becomeReady();
    assert.deepEqual(ready(rig), ["1.1"]);
  });

  it("can be overtaken by a better one", async (t) => {
    const rig = await halfRolled(t);
    rig.process(3).fail("bad deploy");
    await rig.reload({ workers: 3, roll: { surge: 3 } });
    rig.advance(500);
    assert.deepEqual(ready(rig), ["1.2", "2.2", "3.1"]);
    for (let round = 0; round < 2; round++) {
      for (const fake of rig.processes.slice(-3)) fake.becomeReady();
    }
    assert.deepEqual(ready(rig), ["1.3", "2.3", "3.3"]);
    assert.deepEqual(last(rig), { result: "success", generation: 3 });
  });
});

describe("the release of a generation", () => {
  it("is what its link led to when the settings were read", async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "remuda-releases-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const [one, two, app] = ["1.js", "2.js", "app.js"].map((name) => {
      return path.join(folder, name);
    }) as [string, string, string];
    for (const release of [one, two]) writeFileSync(release, "");
    symlinkSync(one, app);
    const rig = running(t, { app });
    rmSync(app);
    symlinkSync(two, app);
    rig.process(2).exit(1);
    rig.advance(500);
    assert.equal(rig.pool.workers.at(-1)?.settings.app, one);
    rig.process(2).becomeReady();
    await rig.reload({ app });
    assert.equal(rig.pool.workers.at(-1)?.settings.app, two);
    assert.equal(rig.supervisor.app, app);
    rig.process(1).becomeReady();
    rig.process(2).fail("bad deploy");
    assert.equal(rig.workers.at(-1), "1.1 starting");
    assert.equal(rig.pool.workers.at(-1)?.settings.app, one);
  });
});

describe("whoever waits for a reload is told its end", () => {
  it("success", async (t) => {
    const rig = running(t, { workers: 1 });
    await rig.reload({ workers: 1 });
    const ended = rig.supervisor.whenReloadEnds();
    assert.equal(await soFar(ended), undefined);
    rig.process(1).becomeReady();
    const { result, generation } = await ended;
    assert.deepEqual([result, generation], ["success", 2]);
  });

  it("also if it asked before the reload came", async (t) => {
    const rig = running(t, { workers: 1 });
    const ended = rig.supervisor.whenReloadEnds();
    await rig.reload({ workers: 1 });
    rig.process(1).fail("bad deploy");
    const { result, error } = await ended;
    assert.deepEqual([result, error], ["failure", "bad deploy"]);
  });

  it("refused, while a good roll goes on", async (t) => {
    const rig = running(t, { workers: 1 });
    await rig.reload({ workers: 1 });
    const good = rig.supervisor.whenReloadEnds();
    const reading = rig.reload(new Error("no such setting"));
    const bad = rig.supervisor.whenReloadEnds();
    await reading;
    assert.equal((await bad).result, "refused");
    assert.equal(await soFar(good), undefined);
    rig.process(1).becomeReady();
    assert.equal((await good).result, "success");
  });

  it("superseded, by one that comes meanwhile", async (t) => {
    const rig = running(t, { workers: 1 });
    await rig.reload({ workers: 1 });
    const first = rig.supervisor.whenReloadEnds();
    const reading = rig.reload({ workers: 1 });
    const second = rig.supervisor.whenReloadEnds();
    await reading;
    const { result, generation } = await first;
    assert.deepEqual([result, generation], ["superseded", 2]);
    rig.process(1).becomeReady();
    assert.equal((await second).generation, 3);
    assert.equal(rig.countOf("reloads", "superseded"), 1);
  });

  it("superseded, where newer settings were read first", async (t) => {
    const rig = running(t, { workers: 1 });
    const slow = rig.slowReload({ workers: 1, serverName: "older" });
    const first = rig.supervisor.whenReloadEnds();
    await rig.reload({ workers: 1, serverName: "newer" });
    await slow();
    assert.equal((await first).result, "superseded");
    assert.equal(rig.supervisor.settings.serverName, "newer");
    assert.equal(rig.supervisor.rollout?.generation, 2);
  });

  it("stopped, when the server does, and ever after", async (t) => {
    const rig = running(t);
    await rig.reload();
    const ended = rig.supervisor.whenReloadEnds();
    rig.enqueue({ type: "stop", how: "quit" });
    assert.equal((await ended).result, "stopped");
    await rig.reload();
    assert.equal((await rig.supervisor.whenReloadEnds()).result, "stopped");
  });

  it("failure, where all workers are told to leave", async (t) => {
    const rig = running(t);
    await rig.reload();
    const ended = rig.supervisor.whenReloadEnds();
    rig.enqueue({ type: "pause" });
    assert.equal((await ended).result, "failure");
    assert.equal(rig.supervisor.rollout, undefined);
  });
});
