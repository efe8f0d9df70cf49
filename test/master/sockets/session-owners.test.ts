import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionOwners } from "../../../src/master/sockets/session-owners.ts";
import { Counters } from "../../../src/shared/metrics/counters.ts";

const HANDLE = {};

function open() {
  const counters = new Counters();
  const wanted: (readonly number[])[] = [];
  const dispatcher = {
    handOver(...args: [unknown, unknown, unknown, readonly number[]]) {
      wanted.push(args[3]);
    },
  };
  const sessions = new SessionOwners(dispatcher, counters);
  /** The workers that the connection is offered to, the best first. */
  async function handOver(sender: number, session: string) {
    const worker = { id: sender, send: () => {} };
    await sessions.handOver(
      worker,
      {
        ...{ type: "handOver", listener: 0, session, mayOwn: true, bytes: "" },
      },
      HANDLE,
    );
    return wanted.at(-1);
  }
  return { counters, sessions, handOver };
}

describe("a connection that names a session", () => {
  test("goes to the worker that owns it, else back", async () => {
    const { counters, sessions, handOver } = open();
    sessions.own("a", 1);
    assert.deepEqual(await handOver(2, "a"), [1, 2]);
    assert.deepEqual(await handOver(1, "a"), [1, 1]);
    assert.deepEqual(await handOver(2, "b"), [2]);
    const { stickyHandovers } = counters.totals().labelled;
    assert.deepEqual({ ...stickyHandovers }, { owner: 1, sender: 2 });
  });

  test("may come a moment before the message of its owner", async () => {
    const { sessions, handOver } = open();
    const wanted = handOver(2, "a");
    setImmediate(() => sessions.own("a", 1));
    assert.deepEqual(await wanted, [1, 2]);
  });

  test("goes back when its owner is gone", async () => {
    const { sessions, handOver } = open();
    sessions.own("a", 1);
    sessions.own("b", 2);
    sessions.onGone({ id: 1, send: () => {} });
    assert.deepEqual(await handOver(2, "a"), [2]);
    assert.deepEqual(await handOver(3, "b"), [2, 3]);
  });
});

test("of too many sessions the least recently used are forgotten", async () => {
  const { sessions, handOver } = open();
  sessions.own("first", 1);
  sessions.own("used", 1);
  await handOver(2, "used");
  for (let n = 0; n < 99_999; n++) sessions.own(String(n), 1);
  assert.deepEqual(await handOver(2, "first"), [2]);
  assert.deepEqual(await handOver(2, "used"), [1, 2]);
});
