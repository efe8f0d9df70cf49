import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";

const MODULE = new URL(
  "../../../src/shared/logging/log-warnings.ts",
  import.meta.url,
);

/** Runs a process that logs its warnings and emits one. */
function outputsOf(...flags: string[]) {
  const code = `import { logWarnings } from ${JSON.stringify(MODULE.href)};
    logWarnings();
    process.emitWarning("careful", { type: "TestWarning", code: "T1" });`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  return spawnSync(process.execPath, [...flags, ...args], { encoding: "utf8" });
}

describe("a warning of Node or a library", () => {
  it("is a line of the log, and no text on the standard error", () => {
    const { stdout, stderr } = outputsOf();
    const { level, msg, err } = JSON.parse(stdout);
    assert.equal(level, 40);
    assert.equal(msg, "warning of Node or a library");
    assert.equal(err.message, "careful");
    assert.equal(err.code, "T1");
    assert.equal(stderr, "");
  });

  it("is not shown where Node is told not to", () => {
    const { stdout, stderr } = outputsOf("--no-warnings");
    assert.equal(stdout + stderr, "");
  });
});
