import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { StatusCounter } from "./status-counter.ts";

describe("a counter of answers", () => {
  const answers =
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" +
    "HTTP/1.1 408 Request Timeout\r\n\r\n" +
    "HTTP/1.1 200 OK\r\n\r\n";

  test("counts each once, however they are cut", () => {
    for (let cut = 0; cut <= answers.length; cut++) {
      const statuses = {};
      const counter = new StatusCounter(statuses);
      counter.onData(Buffer.from(answers.slice(0, cut)));
      counter.onData(Buffer.from(answers.slice(cut)));
      assert.deepEqual(statuses, { 200: 2, 408: 1 });
      assert.equal(counter.count, 3);
    }
  });

  test("counts each once where they come byte by byte", () => {
    const counter = new StatusCounter({});
    for (const byte of answers) counter.onData(Buffer.from(byte));
    assert.equal(counter.count, 3);
  });
});
