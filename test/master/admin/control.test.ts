import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Control } from "../../../src/master/admin/control.ts";
import { LogFile } from "../../../src/shared/logging/log-file.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import {
  type GivenSettings,
  SupervisorRig,
} from "../supervisor/supervisor-rig.ts";

function control(t: TestContext, given: GivenSettings = {}, logFile?: LogFile) {
  const rig = new SupervisorRig(t, given);
  rig.run();
  rig.onTold = (what) => {
    if (what === "reopen logs") logFile?.reopen();
  };
  const { supervisor: server, loop, pool } = rig;
  const logStreams = { refusal: () => "none", open: () => assert.fail() };
  return new Control({ server, loop, pool, logFile, logStreams });
}

describe("a control call", () => {
  it("for a number of workers says what the number is now", (t) => {
    const actions = control(t, { workers: 3, minReady: 2 });
    assert.equal(actions.refusal("scale"), undefined);
    assert.equal(actions.scaleTo(7), 7);
    assert.equal(actions.scaleTo(1), 2);
  });

  it("to open the log anew is refused where there is none", (t) => {
    const why = control(t).refusal("reopenLogs");
    assert.equal(why, "there is no logFile to open anew");
  });

  it("to open the log anew says how that went", (t) => {
    const folder = path.join(configFolder(t), "logs");
    mkdirSync(folder);
    const actions = control(t, {}, new LogFile(path.join(folder, "a.log")));
    assert.equal(actions.refusal("reopenLogs"), undefined);
    assert.deepEqual(actions.reopenLogs(), { result: "success" });
    rmSync(folder, { recursive: true });
    const ending = actions.reopenLogs();
    assert.equal(ending.result, "failure");
    assert.match("error" in ending ? ending.error : "", /^ENOENT: no such/);
    mkdirSync(folder);
    assert.deepEqual(actions.reopenLogs(), { result: "success" });
  });
});
