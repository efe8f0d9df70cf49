import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { properties } from "./faulty-properties.ts";
import { reportText } from "./report-text.ts";
import { type FuzzReport, runFuzz } from "./run-fuzz.ts";
import { type SavedInput, savedInputs, savedName } from "./saved-input.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-fuzz-"));
const names = properties.map(({ name }) => name);

function run(only: readonly string[], seconds = 60): Promise<FuzzReport> {
  return runFuzz({
    only,
    seconds,
    seed: 7,
    folder,
    propertiesUrl: new URL("./faulty-properties.ts", import.meta.url).href,
    hangMs: 2_000,
  });
}

describe("a run over properties that do not hold", () => {
  let report: FuzzReport;
  let kept: Map<string, SavedInput>;
  before(async () => {
    report = await run(names.filter((name) => name !== "holds"));
    kept = savedInputs(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  function failureOf(property: string): SavedInput {
    const found = [...kept.values()].filter((one) => one.property === property);
    assert.equal(found.length, 1);
    return found[0] as SavedInput;
  }

  test("ends before its time when all have failed", () => {
    const failed = report.failures.map(({ kept }) => kept.property);
    assert.deepEqual(failed.sort(), names.filter((n) => n !== "holds").sort());
  });

  test("keeps the smallest input that fails, and how it was found", () => {
    const { input, error, seed } = failureOf("throws");
    assert.deepEqual(input, [7]);
    assert.equal(error, "Error: there is a 7");
    assert.equal(typeof seed, "number");
  });

  test("finds what is thrown where nobody catches it", () => {
    const { input, error } = failureOf("throws-later");
    assert.deepEqual(input, [0, 0, 0]);
    assert.match(error, /nobody caught: Error: too many/);
  });

  test("finds an input that hangs", () => {
    const { input, error } = failureOf("hangs");
    assert.equal((input as number[]).length, 5);
    assert.match(error, /took over 2 s/);
  });

  test("finds an input that is never done", () => {
    assert.equal((failureOf("waits").input as number[]).length, 3);
    assert.equal((failureOf("exits").input as number[]).length, 4);
    assert.equal(failureOf("exits").error, "it was never done");
  });

  test("names files by what is in them", () => {
    for (const [name, one] of kept) assert.equal(name, savedName(one));
    const files = report.failures.map(({ file }) => path.basename(file));
    assert.deepEqual(files.sort(), [...kept.keys()]);
  });

  test("tells what failed and where it is", () => {
    const text = reportText(report);
    assert.match(text, /seed 7, failures: 5/);
    assert.match(
      text,
      /throws failed: Error: there is a 7\n {2}kept: .*\.json/,
    );
  });
});

describe("a run over properties that hold", () => {
  test("goes on until its time is over, and tells what it tried", async () => {
    const { tried, failures } = await run(["holds"], 1);
    assert.deepEqual(failures, []);
    const { inputs = 0, seconds = 0 } = tried.get("holds") ?? {};
    assert.ok(inputs > 0 && seconds > 0);
    const text = reportText({ seed: 7, tried, failures });
    assert.match(text, /holds +[\d,]+ +[\d,]+\n/);
    assert.match(text, /seed 7, failures: 0/);
  });
});
