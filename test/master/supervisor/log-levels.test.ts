import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SupervisorRig } from "./supervisor-rig.ts";

const FOR_MS = 60_000;

function rigOf(...given: ConstructorParameters<typeof SupervisorRig>) {
  const rig = new SupervisorRig(...given);
  rig.run();
  const setLevel = (level: "debug" | "error" | undefined, forMs = FOR_MS) => {
    rig.enqueue({ type: "setLogLevel", level, forMs });
  };
  return { rig, setLevel };
}

describe("the level of the log", () => {
  it("is another one for a time, and then that of the settings", (t) => {
    const { rig, setLevel } = rigOf(t, { logLevel: "warn" });
    const configured = "warn";
    const reports = [rig.supervisor.logLevel];
    setLevel("debug");
    assert.equal(rig.supervisor.changedLogLevel, "debug");
    rig.advance(FOR_MS / 2);
    reports.push(rig.supervisor.logLevel);
    rig.advance(FOR_MS / 2);
    assert.equal(rig.supervisor.changedLogLevel, undefined);
    reports.push(rig.supervisor.logLevel);
    assert.deepEqual(reports, [
      { level: "warn", configured, secondsLeft: null },
      { level: "debug", configured, secondsLeft: 30 },
      { level: "warn", configured, secondsLeft: null },
    ]);
  });

  it("is the last one that was asked for, for its whole time", (t) => {
    const { rig, setLevel } = rigOf(t);
    setLevel("debug");
    rig.advance(FOR_MS / 2);
    setLevel("error");
    rig.advance(FOR_MS / 2);
    assert.equal(rig.supervisor.logLevel.level, "error");
    rig.advance(FOR_MS / 2);
    assert.equal(rig.supervisor.logLevel.level, "info");
  });

  it("is that of the settings again when it is reset", (t) => {
    const { rig, setLevel } = rigOf(t);
    setLevel(undefined);
    assert.equal(rig.logged("log level changed").length, 0);
    setLevel("error");
    setLevel(undefined);
    assert.equal(rig.supervisor.logLevel.level, "info");
    const changes = rig.logged("log level changed");
    assert.deepEqual(
      changes.map(({ logLevel }) => logLevel),
      ["error", "info"],
    );
    rig.advance(FOR_MS);
    assert.equal(rig.logged("log level changed").length, 2);
  });

  it("survives a reload, whose level is in force afterwards", async (t) => {
    const { rig, setLevel } = rigOf(t);
    setLevel("debug");
    await rig.reload({ logLevel: "error" });
    assert.equal(rig.supervisor.logLevel.level, "debug");
    assert.equal(rig.supervisor.logLevel.configured, "error");
    setLevel(undefined);
    assert.equal(rig.supervisor.logLevel.level, "error");
  });
});
