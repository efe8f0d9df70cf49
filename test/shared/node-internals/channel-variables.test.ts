import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { CHANNEL_VARIABLES } from "../../../src/shared/node-internals/channel-variables.ts";

/** Node takes them out of `process.env` when it starts. */
const ENVIRONMENT =
  'console.log(fs.readFileSync("/proc/self/environ", "utf8"))';
const IS_WORKER = 'console.log(require("node:cluster").isWorker)';

/** What a forked program prints. */
async function printed(
  t: TestContext,
  program: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const execArgv = ["--eval", program];
  const child = fork("program", { execArgv, env, silent: true });
  t.after(() => child.kill("SIGKILL"));
  const [text] = await once(child.stdout ?? child, "data");
  return String(text).trim();
}

describe("the variables of a channel", { timeout: 30_000 }, () => {
  it("are those that Node starts a child with", async (t) => {
    const given = await printed(t, ENVIRONMENT, {});
    const names = given.split("\0").map((each) => each.split("=")[0] ?? "");
    assert.ok(names.includes("NODE_CHANNEL_FD"));
    const others = names.filter((name) => !CHANNEL_VARIABLES.includes(name));
    assert.deepEqual(others.filter(Boolean), []);
  });

  it("make a worker of a cluster of a child", async (t) => {
    const text = await printed(t, IS_WORKER, { NODE_UNIQUE_ID: "7" });
    assert.equal(text, "true");
    assert.ok(CHANNEL_VARIABLES.includes("NODE_UNIQUE_ID"));
  });
});
