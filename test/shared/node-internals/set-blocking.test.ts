import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";

const MODULE = new URL(
  "../../../src/shared/node-internals/set-blocking.ts",
  import.meta.url,
);
/** As fcntl(2) has it, in octal as /proc shows it. */
const O_NONBLOCK = 0o4000;

/** Says what setting did, and which flags the open file then has. */
const PROGRAM = `
  import { readFileSync } from "node:fs";
  import { setBlocking } from ${JSON.stringify(MODULE.href)};
  const flags = () => {
    const text = readFileSync("/proc/self/fdinfo/2", "utf8");
    return parseInt(/flags:\\s+(\\d+)/.exec(text)[1], 8) & ${O_NONBLOCK};
  };
  const isSet = [true, false, true].map((is) => {
    return [setBlocking(process.stderr, is), flags() === 0];
  });
  console.log(JSON.stringify(isSet));
`;

describe("a standard stream", { timeout: 30_000 }, () => {
  it("blocks or not as it is told, if it is a pipe", async (t) => {
    const args = ["--import", "tsx", "--input-type=module", "--eval", PROGRAM];
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const child = spawn(process.execPath, args, { stdio: [...stdio] });
    t.after(() => child.kill("SIGKILL"));
    const [text] = await once(child.stdout, "data");
    assert.deepEqual(JSON.parse(String(text)), [
      [true, true],
      [true, false],
      [true, true],
    ]);
  });
});
