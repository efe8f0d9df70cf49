import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { pino } from "pino";
import {
  accessLogger,
  processLogger,
  setProcessLogger,
} from "../../../src/shared/logging/logger.ts";

const LOGGER = new URL("../../../src/shared/logging/logger.ts", import.meta.url)
  .href;

/** The lines that a script writes to its standard output. */
function linesOf(script: string): Record<string, unknown>[] {
  const code = `import * as log from ${JSON.stringify(LOGGER)};\n${script}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

describe("the logger of a process", () => {
  it("writes JSON lines that say which process it is", () => {
    const [line, ...more] = linesOf(`
      const logger = log.createLogger({ role: "worker", worker: 3 });
      logger.info({ a: 1 }, "ready");
      logger.debug("not at this level");
    `);
    assert.equal(more.length, 0);
    assert.equal(line?.role, "worker");
    assert.equal(line?.worker, 3);
    assert.equal(typeof line?.pid, "number");
    assert.equal(typeof line?.time, "number");
    assert.equal(line?.a, 1);
    assert.equal(line?.msg, "ready");
  });

  it("has written when the process ends at once", () => {
    const lines = linesOf(`
      log.createLogger({ role: "master", level: "fatal" }).fatal("last words");
      process.kill(process.pid, "SIGKILL");
    `);
    assert.deepEqual(
      lines.map(({ role, msg }) => `${role}: ${msg}`),
      ["master: last words"],
    );
    assert.equal("worker" in (lines[0] ?? {}), false);
  });

  it("has the role of an app until one is set", () => {
    const [line] = linesOf('log.processLogger().warn("early");');
    assert.equal(line?.role, "app");
    const logger = pino({ enabled: false });
    setProcessLogger(logger);
    assert.equal(processLogger(), logger);
  });

  it("writes lines of requests in their order, at the end of the turn", () => {
    const lines = linesOf(`
      log.setProcessLogger(log.createLogger({ role: "worker", worker: 1 }));
      log.accessLogger().info("first");
      log.accessLogger().info("second");
      log.processLogger().info("third");
      log.accessLogger().info("fourth");
      process.exit();
    `);
    assert.deepEqual(
      lines.map(({ worker, msg }) => `${worker} ${msg}`),
      ["1 first", "1 second", "1 third", "1 fourth"],
    );
  });

  it("is that of requests too, where it is one of your own", () => {
    const logger = pino({ enabled: false });
    setProcessLogger(logger);
    assert.equal(accessLogger(), logger);
  });
});
