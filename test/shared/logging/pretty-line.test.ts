import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger } from "../../../src/shared/logging/logger.ts";
import { prettyLine } from "../../../src/shared/logging/pretty-line.ts";
import { PrettyOutput } from "../../../src/shared/logging/pretty-output.ts";

const TODAY = new Date(2026, 10, 22, 12, 0, 1, 123);
const TIME = TODAY.getTime();
const BASE = { level: 30, time: TIME, pid: 7, role: "worker", worker: 1 };

function pretty(fields: object, hasColor = false): string {
  return prettyLine(JSON.stringify(fields), { hasColor, today: TODAY });
}

describe("a line of the log for people", () => {
  it("has time, level, worker, message and fields", () => {
    assert.equal(
      pretty({
        ...BASE,
        msg: "ready",
        ms: 12,
        app: "a.js",
        at: "/a b",
        n: null,
      }),
      '12:00:01.123 INFO  worker 1  ready  ms=12 app=a.js at="/a b" n=null',
    );
    const { worker, ...master } = { ...BASE, role: "master", level: 50 };
    assert.equal(
      pretty({ ...master, worker, msg: "killed worker", why: { a: [1] } }),
      '12:00:01.123 ERROR master    killed worker  worker=1 why={"a":[1]}',
    );
  });

  it("has the date, if it is of another day", () => {
    const time = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();
    assert.match(
      pretty({ ...BASE, time, msg: "x" }),
      /^2026-01-02 03:04:05.006 I/,
    );
  });

  it("has the stack of an error below, and its fields beside", () => {
    const stack = "TypeError: no\n    at a (file:///a.js:1:2)";
    const err = { type: "TypeError", message: "no", stack, code: "E_NO" };
    assert.equal(
      pretty({ ...BASE, level: 50, err, errorId: "6f", msg: "GET / failed" }),
      [
        "12:00:01.123 ERROR worker 1  GET / failed  err.code=E_NO errorId=6f",
        "    TypeError: no",
        "        at a (file:///a.js:1:2)",
      ].join("\n"),
    );
    const bare = { type: "Error", message: "no\nway" };
    assert.match(
      pretty({ ...BASE, err: bare, msg: "x" }),
      /x\n {4}Error: no\n {4}way$/,
    );
  });

  it("cannot be forged by a text of several lines", () => {
    const msg = "a\n12:00:01.123 FATAL master    forged";
    const text = pretty({ ...BASE, msg, path: "b\nc" });
    for (const line of text.split("\n").slice(1)) assert.match(line, /^ {4}/);
  });

  it("sends a terminal no commands but colours, and those if told to", () => {
    const fields = {
      ...BASE,
      msg: "\u001b[31mred\u009b2J",
      "\u0007": "\u202e",
    };
    assert.doesNotMatch(pretty(fields), /[\p{Cc}\p{Cf}]/u);
    const colored = pretty({ ...fields, level: 40 }, true);
    const codes = colored.split("\u001b").slice(1);
    assert.ok(codes.includes("[33mWARN "), "yellow");
    for (const code of codes) assert.match(code, /^\[(?:0|2|33)m/);
  });

  it("stays as it is, where it is not JSON, but for control characters", () => {
    for (const line of ['192.0.2.1 - - "GET /"', "{broken", "{}x", ""]) {
      assert.equal(prettyLine(line, { hasColor: true }), line);
    }
    assert.equal(prettyLine("a\u001bb", { hasColor: true }), "a\\u001bb");
  });

  it("is made of lines of other JSON loggers too", () => {
    const time = TODAY.toISOString();
    assert.equal(
      pretty({ level: "warn", time, message: "it", a: 1 }),
      "12:00:01.123 WARN            it  a=1",
    );
    assert.match(pretty({ a: 1 }), /^--:--:--.--- INFO/);
    assert.match(pretty({ level: 35, msg: "x" }), /35/);
  });
});

describe("the log on a terminal", () => {
  it("has a line for people for each JSON line", () => {
    const written: string[] = [];
    const sink = { write: (text: string) => written.push(text) };
    const output = new PrettyOutput(sink, { hasColor: false });
    const logger = createLogger({ role: "worker", worker: 2, sink: output });
    logger.info({ a: 1 }, "one");
    logger.child({ b: 2 }).warn("two");
    assert.equal(written.length, 2);
    assert.match(
      written[0] ?? "",
      /^[\d:.]+ INFO {2}worker 2 {2}one {2}a=1\n$/,
    );
    assert.match(
      written[1] ?? "",
      /^[\d:.]+ WARN {2}worker 2 {2}two {2}b=2\n$/,
    );
  });
});
