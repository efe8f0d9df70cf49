import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { WatchdogLink } from "../../../../src/master/supervisor/workers/watchdog-link.ts";
import {
  dataFrames,
  frameOf,
} from "../../../../src/shared/inspection/frames.ts";

/** A link whose other end the test writes to, and what it has heard. */
function linked() {
  const stream = Object.assign(new PassThrough(), { unref: () => {} });
  const events: [type: string, data: string | undefined][] = [];
  const link = new WatchdogLink(stream as unknown as Socket, (event, data) => {
    events.push([event.type, data?.toString()]);
  });
  return { stream, link, events };
}

describe("the channel to a watchdog", () => {
  it("passes answers on, with their data", () => {
    const { stream, events } = linked();
    stream.emit("data", frameOf({ type: "begun", id: 1 }));
    for (const frame of dataFrames({ type: "data", id: 1 }, Buffer.from("a"))) {
      stream.emit("data", frame);
    }
    assert.deepEqual(events, [
      ["begun", undefined],
      ["data", "a"],
    ]);
  });

  for (const text of [
    "an app wrote this\n",
    '{"type":"opened","id":1}\n',
    '{"type":"begun","id":-1}\n',
    '{"type":"stacks","id":1,"stacks":[[7]]}\n',
    '{"type":"unreadable"}\n',
  ]) {
    it(`is not read any further after ${text.trim()}`, () => {
      const { stream, events } = linked();
      stream.emit("data", Buffer.from(text));
      stream.emit("data", frameOf({ type: "begun", id: 1 }));
      assert.deepEqual(events, [["unreadable", undefined]]);
    });
  }
});
