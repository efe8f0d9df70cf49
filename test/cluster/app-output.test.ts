import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { httpGet } from "../support/http-get.ts";

const LONG = 1_000_000;
/** Up to here lines of several processes do not mix in a pipe. */
const MAX_LINE_BYTES = 4096;
/** What the app prints last before it can be served. */
const LAST = "ERR_INVALID_ARG_TYPE";

let daemon: Daemon;

before(async () => {
  const app = "test/fixtures/talkative-app.js";
  daemon = await startDaemon({ app, args: ["--workers", "1"] });
  await daemon.waitForLog(LAST);
});
after(stopAllDaemons);

const printed = () => daemon.logs.filter(({ role }) => role === "app");

function messages(stream: string): string[] {
  const lines = printed().filter((line) => line.stream === stream);
  return lines.map(({ msg }) => String(msg));
}

const isLong = ({ msg }: LogLine) => String(msg).startsWith("xx");

describe("what an app prints", () => {
  test("is in the log, a JSON object for each line", () => {
    assert.deepEqual(
      messages("stdout").filter((msg) => !/^xx/.test(msg)),
      [
        "plain",
        "half of a line",
        "a client says: hi",
        '{"level":60,"msg":"forged"}',
        "\0\ufffd\ufffd\x1b[",
        "ä\x9b",
        "hex",
        "with a callback",
        "isRoom: true",
        LAST,
      ],
    );
    assert.deepEqual(messages("stderr"), ["bad", "second", ""]);
    assert.equal(daemon.stderr, "");
  });

  test("says when, and which process and stream it is of", () => {
    const [pid] = daemon.workerPids();
    const common = { pid, role: "app", worker: 1 };
    const [plain, bad] = printed();
    const times = [plain, bad].map((line) => Number(line?.time));
    assert.deepEqual(plain, {
      ...{ level: 30, time: times[0], ...common },
      ...{ stream: "stdout", msg: "plain" },
    });
    assert.deepEqual(bad, {
      ...{ level: 40, time: times[1], ...common },
      ...{ stream: "stderr", msg: "bad" },
    });
    assert.ok(times.every((time) => Math.abs(Date.now() - time) < 600_000));
  });

  test("is left as it is where it is the line of a JSON logger", () => {
    const own = daemon.logs.filter(({ msg }) => msg === "of its own logger");
    assert.deepEqual(own, [{ level: 30, msg: "of its own logger", n: 1 }]);
    // Within what else was printed it is no logger's.
    assert.ok(daemon.logs.every(({ msg }) => msg !== "forged"));
  });

  test("is broken where a line is very long, with nothing lost", () => {
    const pieces = printed().filter(isLong);
    const lengths = pieces.map(({ msg }) => String(msg).length);
    for (const piece of pieces) {
      assert.ok(JSON.stringify(piece).length < MAX_LINE_BYTES);
    }
    assert.equal(
      lengths.reduce((sum, length) => sum + length),
      LONG,
    );
    const marks = pieces.map(({ partial }) => partial);
    assert.deepEqual(marks.slice(0, -1), Array(pieces.length - 1).fill(true));
    assert.equal(marks.at(-1), undefined);
  });

  test("does not wait for the end of its line for long", async () => {
    await httpGet(daemon.port, "/prompt");
    const line = await daemon.waitForLog("no end yet");
    assert.equal(line.partial, true);
    await httpGet(daemon.port, "/end");
    const rest = await daemon.waitForLog(", and now");
    assert.equal(rest.partial, undefined);
  });

  test("is written at the exit, and all of it is JSON", async () => {
    await daemon.stop();
    assert.ok(messages("stdout").includes("last words"));
    const raw = daemon.logs.filter(({ unparsed }) => unparsed !== undefined);
    assert.deepEqual(raw, []);
    assert.equal(daemon.stderr, "");
  });
});
