import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ok, text } from "../../src/worker/http/response-helpers.ts";
import { RequestQueue } from "../../src/worker/request-queue.ts";
import { FakeClock } from "../support/fake-clock.ts";

function rig(t: TestContext, maxWaiting = 3) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const clock = new FakeClock();
  const onTimeout = () => text("too late", 503);
  const options = { clock, maxWaiting, timeoutMs: 100, onTimeout };
  const queue = new RequestQueue(options);
  const pass = (ms: number) => {
    clock.advance(ms);
    t.mock.timers.tick(ms);
  };
  return { queue, pass };
}

const request = (target: string) => new HttpRequest({ target });

/** What has been answered by now. */
function answersOf(promises: readonly Promise<HttpResponse>[]) {
  const pending = Symbol();
  return Promise.all(
    promises.map(async (promise) => {
      const first = await Promise.race([promise, pending]);
      return first === pending ? "pending" : (first as HttpResponse).status;
    }),
  );
}

describe("a queue of requests", () => {
  it("gives out first who came first", (t) => {
    const { queue } = rig(t);
    for (const target of ["/1", "/2", "/3"]) queue.wait(request(target));
    assert.ok(queue.isFull);
    const taken = [1, 2, 3, 4].map(() => queue.take()?.request.target);
    assert.deepEqual(taken, ["/1", "/2", "/3", undefined]);
    assert.equal(queue.size, 0);
  });

  it("gives each the answer that is made for it", async (t) => {
    const { queue } = rig(t);
    const answer = queue.wait(request("/"));
    queue.take()?.answer(ok());
    assert.equal((await answer).status, 200);
  });

  it("answers who has waited for too long, and nobody else", async (t) => {
    const { queue, pass } = rig(t);
    const answers = [queue.wait(request("/1"))];
    pass(60);
    answers.push(queue.wait(request("/2")));
    pass(39);
    assert.deepEqual(await answersOf(answers), ["pending", "pending"]);
    pass(1);
    assert.deepEqual(await answersOf(answers), [503, "pending"]);
    assert.equal(queue.size, 1);
    pass(60);
    assert.deepEqual(await answersOf(answers), [503, 503]);
    assert.equal(queue.take(), undefined);
  });

  it("forgets whose client has left", async (t) => {
    const { queue, pass } = rig(t);
    const gone = request("/gone");
    const answers = [queue.wait(gone), queue.wait(request("/"))];
    queue.remove(gone);
    queue.remove(gone);
    assert.equal(queue.size, 1);
    assert.equal(queue.take()?.request.target, "/");
    pass(1_000);
    assert.deepEqual(await answersOf(answers), ["pending", "pending"]);
  });
});
