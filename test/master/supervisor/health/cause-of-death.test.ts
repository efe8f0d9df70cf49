import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import {
  causeOfDeath,
  KernelKills,
} from "../../../../src/master/supervisor/workers/worker-watch.ts";

describe("a worker died", () => {
  it("of its memory where V8 gave up", () => {
    const aborted = { code: null, signal: "SIGABRT" } as const;
    assert.equal(causeOfDeath(aborted, false), "oom");
    assert.equal(causeOfDeath({ code: 134, signal: null }, false), "oom");
  });

  it("of its memory where the kernel has killed", () => {
    const killed = { code: null, signal: "SIGKILL" } as const;
    assert.equal(causeOfDeath(killed, true), "oom");
    assert.equal(causeOfDeath(killed, false), "crash");
  });

  it("of itself otherwise", () => {
    assert.equal(causeOfDeath({ code: 1, signal: null }, true), "crash");
    const broken = { code: null, signal: "SIGSEGV" } as const;
    assert.equal(causeOfDeath(broken, true), "crash");
    assert.equal(causeOfDeath(undefined, false), "crash");
  });
});

describe("what the kernel has killed", () => {
  it("shows in its count, once", async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), "remuda-kills-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, "vmstat");
    await writeFile(file, "pgfault 5\noom_kill 3\n");
    const kills = new KernelKills(file);
    assert.equal(kills.haveRisen(), false);
    await writeFile(file, "pgfault 6\noom_kill 4\n");
    assert.equal(kills.haveRisen(), true);
    assert.equal(kills.haveRisen(), false);
  });

  it("is not known where nobody counts", () => {
    assert.equal(new KernelKills("/dev/null").haveRisen(), false);
    assert.equal(new KernelKills("/no/such/file").haveRisen(), false);
  });
});
