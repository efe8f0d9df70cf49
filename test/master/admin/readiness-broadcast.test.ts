import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReadinessBroadcast } from "../../../src/master/admin/balancer-status.ts";
import type { MasterMessage } from "../../../src/shared/ipc-messages.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";

const READY = { isReady: true, why: "ready", isClosing: false };
const CLOSING = { isReady: false, why: "stopping", isClosing: true };

function worker({ isGreeted = true } = {}) {
  const received: MasterMessage[] = [];
  const send = (message: MasterMessage) => received.push(message);
  return { isGreeted, received, send };
}

describe("the broadcast of readiness", () => {
  it("reaches all workers that have said hello", () => {
    const all = [worker(), worker({ isGreeted: false }), worker()];
    new ReadinessBroadcast({ workers: all }).update(READY);
    const messages = [{ type: "readiness", readiness: READY }];
    assert.deepEqual(
      all.map(({ received }) => received),
      [messages, [], messages],
    );
  });

  it("sends each change once", () => {
    const one = worker();
    const broadcast = new ReadinessBroadcast({ workers: [one] });
    for (const readiness of [NOT_STARTED, READY, { ...READY }, CLOSING]) {
      broadcast.update({ ...readiness });
    }
    const told = one.received.map((message) => {
      return message.type === "readiness" && message.readiness;
    });
    assert.deepEqual(told, [READY, CLOSING]);
  });

  it("keeps the readiness for workers that boot", () => {
    const broadcast = new ReadinessBroadcast({ workers: [] });
    assert.equal(broadcast.current, NOT_STARTED);
    broadcast.update(CLOSING);
    assert.equal(broadcast.current, CLOSING);
  });
});
