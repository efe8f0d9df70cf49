import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterFork } from "../../../../src/master/supervisor/workers/cluster-process.ts";

/** Forks with the path of a missing Node, or with an invalid path. */
function failedFork(file: string): Promise<{ id: number; error: Error }> {
  const { execPath } = process;
  const fork = clusterFork(file, {
    open: () => undefined,
    add() {},
    discard() {},
  });
  process.execPath = "/nowhere/node";
  try {
    return new Promise((resolve, reject) => {
      const { id, pid } = fork({
        onForkFailed: (error) => resolve({ id, error }),
        onMessage: (message) => reject(new Error(`it said ${message}`)),
        onArrived: () => reject(new Error("it got a connection")),
        onWatchdog: () => {},
        onRefused: () => reject(new Error("it refused a connection")),
        onBroken: (why) => reject(new Error(`it is broken: ${why}`)),
        onExit: () => reject(new Error("it exited")),
        onDisconnect: () => {},
      });
      assert.equal(pid, 0);
    });
  } finally {
    process.execPath = execPath;
  }
}

describe("a worker process that cannot be had", () => {
  it("is told of where the system refuses it", async () => {
    const { error } = await failedFork("worker.js");
    assert.match(error.message, /spawn .*ENOENT/);
  });

  it("is told of where Node throws", async () => {
    const { error } = await failedFork("worker\0.js");
    assert.match(error.message, /null bytes/);
  });

  it("has an id of its own", async () => {
    const one = await failedFork("worker\0.js");
    const other = await failedFork("worker\0.js");
    assert.notEqual(one.id, other.id);
  });
});
