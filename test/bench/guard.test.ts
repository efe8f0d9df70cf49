import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import {
  baselineKey,
  readBaseline,
  writeBaseline,
} from "../../bench/guard/baseline.ts";
import { guard } from "../../bench/guard/guard.ts";
import type { Pair } from "../../bench/guard/measure-pair.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-guard-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Rounds with these ratios, in which nobody disturbed. */
function rounds(...ratios: number[]): Pair[] {
  return ratios.map((ratio) => ({ ratio, coreShare: 0.98 }));
}

/** As many, while others had half of the core. */
function disturbed(...ratios: number[]): Pair[] {
  return ratios.map((ratio) => ({ ratio, coreShare: 0.5 }));
}

/** The guard beside such measurements of "hello", one after the other. */
async function guarded(committed: number, ...runs: Pair[][]) {
  const lines: string[] = [];
  const verdicts = await guard({
    committed: { hello: committed },
    measure: async () => {
      const run = runs.shift();
      assert.ok(run, "measured more often than expected");
      return run;
    },
    say: (line) => lines.push(line),
  });
  assert.deepEqual(runs, [], "measured less often than expected");
  return { verdict: verdicts.get("hello"), lines };
}

describe("the guard", () => {
  const good = rounds(0.9, 0.54, 0.5);
  const bad = rounds(0.6, 0.6, 0.6);
  const unclear = [...disturbed(0.5, 0.9), ...rounds(0.5, 0.5)];

  it("lets pass what is no more than a tenth worse, measured once", async () => {
    const { verdict, lines } = await guarded(0.5, good);
    assert.equal(verdict, "ok");
    assert.match(lines[0] ?? "", /^hello +0\.540 \(0\.500–0\.900\).*: ok$/);
  });

  it("measures once more before it fails", async () => {
    const { verdict, lines } = await guarded(0.5, bad, good);
    assert.equal(verdict, "ok");
    assert.match(lines[0] ?? "", /at most 0\.550: worse$/);
  });

  it("fails where it is worse both times", async () => {
    const { verdict } = await guarded(0.5, bad, rounds(0.56, 0.56, 0.56));
    assert.equal(verdict, "worse");
  });

  it("does not fail where its rounds do not agree", async () => {
    const apart = rounds(0.5, 0.5, 0.6, 0.6, 0.7);
    const { verdict, lines } = await guarded(0.5, apart, bad);
    assert.equal(verdict, "unclear");
    assert.match(lines[0] ?? "", /0\.600 \(0\.500–0\.700\).*: unclear$/);
    const mostly = rounds(0.5, 0.56, 0.6, 0.6, 0.7);
    assert.equal((await guarded(0.5, mostly, mostly)).verdict, "worse");
  });

  it("does not look at rounds in which others had the core", async () => {
    const { verdict } = await guarded(0.5, [...disturbed(0.9, 0.9), ...good]);
    assert.equal(verdict, "ok");
  });

  it("does not say what it cannot know", async () => {
    const { verdict, lines } = await guarded(0.5, unclear, bad);
    assert.equal(verdict, "unclear");
    assert.match(lines[0] ?? "", /^hello +others had the core; .*: unclear$/);
    assert.equal((await guarded(0.5, unclear, good)).verdict, "ok");
  });

  it("says when a better ratio should be kept", async () => {
    const { lines } = await guarded(0.5, rounds(0.4, 0.4, 0.4));
    assert.match(lines[0] ?? "", /better; --update/);
  });
});

describe("the guard's baseline", () => {
  it("is one for each load and version of Node", () => {
    assert.equal(baselineKey("wrk", "v20.20.2"), "wrk, Node 20");
    const file = path.join(folder, "baseline.json");
    writeFileSync(file, "{}");
    writeBaseline("wrk, Node 20", { hello: 0.5 }, file);
    writeBaseline("autocannon, Node 20", { hello: 0.6 }, file);
    writeBaseline("wrk, Node 20", { hello: 0.4 }, file);
    assert.deepEqual(readBaseline(file), {
      "autocannon, Node 20": { hello: 0.6 },
      "wrk, Node 20": { hello: 0.4 },
    });
  });

  it("says how to come by one that is as it should be", () => {
    const file = path.join(folder, "wrong.json");
    writeFileSync(file, '{ "wrk": { "hello": "0.5" } }');
    assert.throws(() => readBaseline(file), /wrong\.json.*guard --update/);
  });

  it("is committed as one that can be read", () => {
    assert.ok(readBaseline());
  });
});
