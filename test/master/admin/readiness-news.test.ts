import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReadinessNews } from "../../../src/master/admin/readiness-news.ts";
import type { MasterMessage } from "../../../src/shared/ipc-messages.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";

const READY = { isReady: true, why: "ready", isClosing: false };
const CLOSING = { isReady: false, why: "stopping", isClosing: true };

function worker({ isGreeted = true } = {}) {
  const heard: MasterMessage[] = [];
  const send = (message: MasterMessage) => heard.push(message);
  return { isGreeted, heard, send };
}

describe("news of how the server stands", () => {
  it("go to all workers that listen already", () => {
    const all = [worker(), worker({ isGreeted: false }), worker()];
    new ReadinessNews({ workers: all }).update(READY);
    const news = [{ type: "readiness", readiness: READY }];
    assert.deepEqual(
      all.map(({ heard }) => heard),
      [news, [], news],
    );
  });

  it("are told once", () => {
    const one = worker();
    const news = new ReadinessNews({ workers: [one] });
    for (const readiness of [NOT_STARTED, READY, { ...READY }, CLOSING]) {
      news.update({ ...readiness });
    }
    const told = one.heard.map((message) => {
      return message.type === "readiness" && message.readiness;
    });
    assert.deepEqual(told, [READY, CLOSING]);
  });

  it("are kept for workers that boot", () => {
    const news = new ReadinessNews({ workers: [] });
    assert.equal(news.current, NOT_STARTED);
    news.update(CLOSING);
    assert.equal(news.current, CLOSING);
  });
});
