import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChunkQueue } from "../../../src/worker/adapters/chunk-queue.ts";

function makeQueue() {
  const events: string[] = [];
  const queue = new ChunkQueue({
    onRoom: () => events.push("room"),
    onSent: () => events.push("sent"),
    onCancelled: () => events.push("cancelled"),
  });
  return { queue, events };
}

const end = { done: true, value: undefined };

describe("a queue of pieces", () => {
  test("gives what was written in one tick as one", async () => {
    const { queue, events } = makeQueue();
    const first = queue.next();
    queue.push("a");
    queue.push("ö");
    assert.equal(queue.queuedBytes, 3);
    assert.deepEqual(await first, { done: false, value: "aö" });
    queue.push("b");
    queue.push(Buffer.from("c"));
    queue.end();
    const { value } = await queue.next();
    assert.equal(String(value), "bc");
    assert.deepEqual(events, ["room"]);
    assert.deepEqual(await queue.next(), end);
    assert.deepEqual(events, ["room", "room", "sent"]);
  });

  test("does not join large chunks", async () => {
    const { queue } = makeQueue();
    const big = Buffer.alloc(65_536);
    queue.push(big);
    queue.push(big);
    assert.equal((await queue.next()).value, big);
    assert.equal((await queue.next()).value, big);
  });

  test("fails behind what was pushed before", async () => {
    const { queue } = makeQueue();
    queue.push("a");
    queue.fail(new Error("broken"));
    queue.push("b");
    assert.deepEqual(await queue.next(), { done: false, value: "a" });
    await assert.rejects(queue.next(), { message: "broken" });
  });

  test("reports once that the rest is not taken", async () => {
    const { queue, events } = makeQueue();
    const waiting = queue.next();
    queue.destroy();
    queue.destroy();
    queue.push("late");
    assert.deepEqual(await waiting, end);
    assert.deepEqual(events, ["cancelled"]);
  });
});
