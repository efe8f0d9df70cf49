/** The units in deploy/, as systemd's own tools see them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { skipWithout } from "../support/foreground-program.ts";

const deploy = path.resolve(fileURLToPath(import.meta.url), "../../../deploy");
const service = path.join(deploy, "remuda.service");
const socket = path.join(deploy, "remuda.socket");
const text = readFileSync(service, "utf8");
const skip = skipWithout("systemd-analyze", "--version");

/** What an attacker may do in it: 0 is nothing, 10 is all. */
const MAX_EXPOSURE = 2;

function analyze(...args: readonly string[]) {
  return spawnSync("systemd-analyze", args, { encoding: "utf8" });
}

describe("the units", { skip }, () => {
  test("are well formed", () => {
    const { stderr } = analyze("verify", "--man=no", service, socket);
    const said = stderr.split("\n").filter((line) => line.includes("remuda"));
    // The paths in them are those of a machine that it is installed on.
    assert.deepEqual(
      said.filter((line) => !/is not executable|not found/.test(line)),
      [],
    );
  });

  test("leave an app little that it could harm", (t) => {
    const threshold = `--threshold=${MAX_EXPOSURE * 10}`;
    const { status, stdout, stderr } = analyze(
      ...["security", "--offline=true", "--no-pager", threshold, service],
    );
    const isTooOld = /unrecognized option/.test(stderr);
    if (isTooOld && process.env.CI !== "true") {
      t.skip("systemd is older than 250");
      return;
    }
    assert.equal(status, 0, stdout.slice(-200) + stderr);
  });
});

describe("the service", () => {
  test("has the time to stop that its settings give it", () => {
    const { preStopDelayMs, deadlineMs } = settingsSchema.parse({}).drain;
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(text) ?? [];
    assert.ok(Number(seconds) * 1_000 > preStopDelayMs + deadlineMs + 2_000);
  });
});
