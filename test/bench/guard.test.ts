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

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-guard-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The guard beside such measurements of "hello", one after the other. */
async function guarded(committed: number, ...runs: number[][]) {
  const lines: string[] = [];
  const tooSlow = await guard({
    committed: { hello: committed },
    measure: async () => {
      const run = runs.shift();
      assert.ok(run, "measured more often than expected");
      return run;
    },
    say: (line) => lines.push(line),
  });
  assert.deepEqual(runs, [], "measured less often than expected");
  return { tooSlow, lines };
}

describe("the guard", () => {
  it("lets pass what is no more than a tenth worse, measured once", async () => {
    const { tooSlow, lines } = await guarded(0.5, [0.9, 0.54, 0.5]);
    assert.deepEqual(tooSlow, []);
    assert.match(lines[0] ?? "", /^hello +0\.540 \(0\.500–0\.900\).*: ok$/);
  });

  it("measures once more before it fails", async () => {
    const { tooSlow, lines } = await guarded(0.5, [0.6], [0.52]);
    assert.deepEqual(tooSlow, []);
    assert.match(lines[0] ?? "", /at most 0\.550: worse, so once more$/);
  });

  it("fails where it is worse both times", async () => {
    const { tooSlow, lines } = await guarded(0.5, [0.6], [0.56]);
    assert.deepEqual(tooSlow, ["hello"]);
    assert.match(lines[1] ?? "", /WORSE$/);
  });

  it("says when a better ratio should be kept", async () => {
    const { lines } = await guarded(0.5, [0.4]);
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
