import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";

const MODULE = new URL(
  "../../../src/shared/node-internals/outlive-primary.ts",
  import.meta.url,
);

/** Says when its channel has closed, from a later turn of its event loop. */
function programOf(isKept: boolean): string {
  return `
    import { writeSync } from "node:fs";
    import { outlivePrimary } from ${JSON.stringify(MODULE.href)};
    if (${isKept}) outlivePrimary();
    process.on("disconnect", () => {
      setTimeout(() => writeSync(1, "alive"), 100);
    });
    process.send("ready");
  `;
}

/** What a cluster's worker prints after its primary has disconnected. */
async function printed(t: TestContext, isKept: boolean): Promise<string> {
  const program = programOf(isKept);
  const child = fork("worker", {
    execArgv: ["--import", "tsx", "--input-type=module", "--eval", program],
    env: { ...process.env, NODE_UNIQUE_ID: "1" },
    silent: true,
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "message");
  child.disconnect();
  await once(child, "exit");
  return text;
}

describe("a worker whose channel has closed", { timeout: 30_000 }, () => {
  it("goes on if it is to outlive its primary", async (t) => {
    assert.equal(await printed(t, true), "alive");
  });

  it("exits at once otherwise", async (t) => {
    assert.equal(await printed(t, false), "");
  });
});
