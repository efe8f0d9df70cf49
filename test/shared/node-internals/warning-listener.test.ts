import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";

const MODULE = new URL(
  "../../../src/shared/node-internals/warning-listener.ts",
  import.meta.url,
);

/** Takes the listener away and warns; says whether there was one. */
const PROGRAM = `
  import { warningListener } from ${JSON.stringify(MODULE.href)};
  const listener = warningListener();
  console.log(listener !== undefined);
  if (listener) process.off("warning", listener);
  process.emitWarning("careful");
`;

function run(...flags: string[]) {
  const args = ["--import", "tsx", "--input-type=module", "--eval", PROGRAM];
  return spawnSync(process.execPath, [...flags, ...args], { encoding: "utf8" });
}

describe("Node's listener for warnings", () => {
  it("is what prints them", () => {
    const { stdout, stderr } = run();
    assert.equal(stdout.trim(), "true");
    assert.doesNotMatch(stderr, /careful/);
  });

  it("is absent with --no-warnings", () => {
    const { stdout, stderr } = run("--no-warnings");
    assert.equal(stdout.trim(), "false");
    assert.equal(stderr, "");
  });
});
