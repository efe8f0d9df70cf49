import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { Children, hasLeft, killTree } from "../../bench/children.ts";
import { markOf } from "../../bench/process-mark.ts";
import { treePids, treeUsage } from "../../bench/process-tree.ts";
import { canFindProcesses } from "../support/marked-processes.ts";
import { waitUntil } from "../support/wait-until.ts";

const skip = !canFindProcesses && "there is no /proc";

const STAY = "setInterval(() => {}, 1e6);";
const BURN = "while (process.cpuUsage().user < 300e3);";

/** Starts a process of its own, says its pid, and ends. */
const DAEMONIZE = `
  const { spawn } = require("node:child_process");
  const args = ["-e", ${JSON.stringify(STAY)}];
  const options = { detached: true, stdio: "ignore" };
  const daemon = spawn(process.execPath, args, options);
  daemon.unref();
  console.log(daemon.pid);
`;

/** Runs another script to its end, says what that has said, and stays. */
function after(script: string): string {
  return `
    const { spawnSync } = require("node:child_process");
    const args = ["-e", ${JSON.stringify(script)}];
    console.log(String(spawnSync(process.execPath, args).stdout).trim());
    ${STAY}
  `;
}

/** A process, once it has printed its first line. */
async function started(test: TestContext, script: string) {
  const child = new Children().spawn([process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  test.after(() => killTree(child));
  const lines = createInterface(child.stdout as Readable);
  const [line] = await once(lines, "line");
  return { child, line: String(line), root: child.pid as number };
}

function untilGone(pid: number): Promise<boolean> {
  const what = `process ${pid} to leave`;
  // It may stay as a zombie where nobody waits for it.
  return waitUntil(() => markOf(pid) === undefined, { what });
}

describe("the processes of a server", { skip }, () => {
  it("are also those whose parent has left", async (test) => {
    const { child, root, line } = await started(test, after(DAEMONIZE));
    const daemon = Number(line);
    const pids = treePids(root);
    assert.deepEqual(pids.sort(), [root, daemon].sort());
    killTree(child);
    await untilGone(daemon);
  });

  it("are ended where they outlive what was started", async (test) => {
    const { child, line } = await started(test, DAEMONIZE);
    if (!hasLeft(child)) await once(child, "exit");
    assert.notEqual(markOf(Number(line)), undefined);
    killTree(child);
    await untilGone(Number(line));
  });

  it("count with their CPU time after they have ended", async (test) => {
    const { root } = await started(test, after(BURN));
    const usage = treeUsage(root);
    assert.ok(usage && usage.userSeconds >= 0.3, JSON.stringify(usage));
  });

  it("can be counted without what only starts them", async (test) => {
    const { root } = await started(test, `console.log(); ${STAY}`);
    const nothing = { userSeconds: 0, systemSeconds: 0, residentBytes: 0 };
    assert.deepEqual(treeUsage(root, { omitsRoot: true }), nothing);
    assert.notDeepEqual(treeUsage(root), nothing);
  });
});
