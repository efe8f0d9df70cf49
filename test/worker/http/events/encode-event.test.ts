import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeEvent,
  type ServerSentEvent,
} from "../../../../src/worker/http/events/encode-event.ts";

describe("an event", () => {
  const sent: [event: ServerSentEvent | string, expected: string][] = [
    ["hello", "data: hello\n\n"],
    ["", "data: \n\n"],
    [" é", "data:  é\n\n"],
    ["a\nb\r\nc\rd\n", "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"],
    [{ data: "a" }, "data: a\n\n"],
    [{ data: { a: [1] } }, 'data: {"a":[1]}\n\n'],
    [{ data: null }, "data: null\n\n"],
    [
      { comment: "c\nd", event: "e", id: "7", retry: 1000, data: "x" },
      ": c\n: d\nevent: e\nid: 7\nretry: 1000\ndata: x\n\n",
    ],
    [{ id: "" }, "id: \n\n"],
    [{ retry: 0 }, "retry: 0\n\n"],
    [{ comment: "" }, ": \n\n"],
  ];
  for (const [event, expected] of sent) {
    it(`is sent as it should: ${JSON.stringify(event)}`, () => {
      assert.equal(encodeEvent(event), expected);
    });
  }

  const refused: [event: unknown, error: RegExp][] = [
    [{}, /an event is a text, or has data, event, id, retry or comment/],
    [undefined, /an event is a text, or has/],
    [{ event: "a\nb" }, /an event's event has no CR, LF or NUL: "a\\nb"/],
    [{ id: "a\rb" }, /an event's id has no CR/],
    [{ id: "a\0b" }, /an event's id has no CR, LF or NUL/],
    [{ retry: 0.5 }, /an event's retry is in whole milliseconds: 0.5/],
    [{ retry: -1 }, /an event's retry/],
    [{ data: () => 1 }, /a function has no JSON form/],
  ];
  for (const [event, error] of refused) {
    it(`is refused: ${JSON.stringify(event)}, ${error.source}`, () => {
      assert.throws(() => encodeEvent(event as string), error);
    });
  }
});
