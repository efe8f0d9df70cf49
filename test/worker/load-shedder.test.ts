import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { LoadShedder, type ShedLimits } from "../../src/worker/load-shedder.ts";
import { deferred } from "../support/deferred.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { settled } from "../support/open-connection.ts";

const OFF: ShedLimits = {
  maxConcurrentRequests: 0,
  maxQueuedRequests: 0,
  queueTimeoutMs: 1_000,
  maxEventLoopDelayMs: 0,
  shedExemptPaths: ["/healthz"],
};

/** A shedder around a handler that answers each request when it is told. */
function rig(limits: Partial<ShedLimits>, random = 0) {
  const shed: string[] = [];
  const begun: string[] = [];
  const answers = new Map<HttpRequest, (response: HttpResponse) => void>();
  const shedder = new LoadShedder(
    { ...OFF, ...limits },
    {
      clock: new FakeClock(),
      onShed: (reason) => shed.push(reason),
      random: () => random,
    },
  );
  const handler = (request: HttpRequest) => {
    begun.push(request.target);
    const { promise, resolve } = deferred<HttpResponse>();
    answers.set(request, resolve);
    return promise;
  };
  const handle = shedder.around(handler);
  const ask = (target: string) => {
    const request = new HttpRequest({ target });
    return { request, answer: handle(request) };
  };
  /** The request is answered, or its client leaves. */
  const end = (request: HttpRequest) => {
    answers.get(request)?.(ok());
    shedder.onOver(request, handler);
  };
  return { shedder, handler, ask, end, begun, shed };
}

function refused(answer: unknown): HttpResponse {
  assert.ok(answer instanceof HttpResponse, "at once");
  assert.equal(answer.status, 503);
  return answer;
}

describe("with a limit of requests at a time", () => {
  it("so many are handled, so many wait, all others are refused", () => {
    const limits = { maxConcurrentRequests: 2, maxQueuedRequests: 1 };
    const { ask, begun, shed } = rig(limits);
    for (const target of ["/1", "/2", "/3"]) ask(target);
    refused(ask("/4").answer);
    assert.deepEqual(begun, ["/1", "/2"]);
    assert.deepEqual(shed, ["queue_full"]);
  });

  it("who waits is handled when another one is over", async () => {
    const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 2 };
    const { ask, end, begun } = rig(limits);
    const asked = ["/1", "/2", "/3"].map(ask);
    for (const { request, answer } of asked) {
      end(request);
      assert.equal((await answer).status, 200);
      await settled();
    }
    assert.deepEqual(begun, ["/1", "/2", "/3"]);
  });

  it("nobody overtakes who waits", async () => {
    const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 2 };
    const { ask, end, begun } = rig(limits);
    const first = ask("/1");
    ask("/2");
    end(first.request);
    ask("/3");
    await settled();
    assert.deepEqual(begun, ["/1", "/2"]);
  });

  it("whose client leaves makes room, running or waiting", async () => {
    const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
    const { ask, shedder, handler, begun, shed } = rig(limits);
    const running = ask("/1");
    const waiting = ask("/2");
    shedder.onOver(waiting.request, handler);
    ask("/3");
    shedder.onOver(running.request, handler);
    await settled();
    assert.deepEqual(begun, ["/1", "/3"]);
    assert.deepEqual(shed, []);
  });

  it("without a queue there is no waiting", () => {
    const { ask, shed } = rig({ maxConcurrentRequests: 1 });
    ask("/1");
    refused(ask("/2").answer);
    assert.deepEqual(shed, ["queue_full"]);
  });

  it("who has waited too long is refused", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const clock = new FakeClock();
    const shed: string[] = [];
    const limits = { ...OFF, maxConcurrentRequests: 1, maxQueuedRequests: 1 };
    const onShed = (reason: string) => shed.push(reason);
    const shedder = new LoadShedder(limits, { clock, onShed });
    const handle = shedder.around(() => new Promise(() => {}));
    handle(new HttpRequest());
    const waiting = handle(new HttpRequest());
    clock.advance(1_000);
    t.mock.timers.tick(1_000);
    refused(await waiting);
    assert.deepEqual(shed, ["queue_timeout"]);
  });
});

describe("with a limit of the event loop's delay", () => {
  it("two late samples in a row refuse, and one in time ends it", () => {
    const { ask, shedder, shed } = rig({ maxEventLoopDelayMs: 50 });
    const isRefused = () => ask("/").answer instanceof HttpResponse;
    assert.ok(!isRefused());
    shedder.onEventLoopDelay(500);
    assert.ok(!isRefused(), "one long turn");
    shedder.onEventLoopDelay(51);
    assert.ok(isRefused());
    shedder.onEventLoopDelay(50);
    assert.ok(!isRefused());
    assert.deepEqual(shed, ["event_loop_delay"]);
  });

  it("is off at 0", () => {
    const { ask, shedder } = rig({});
    for (const ms of [9_999, 9_999]) shedder.onEventLoopDelay(ms);
    assert.ok(ask("/").answer instanceof Promise);
  });
});

describe("what is refused", () => {
  it("is a problem, with a Retry-After that differs", () => {
    const seconds = [0, 0.5, 0.999].map((random) => {
      const { ask } = rig({ maxConcurrentRequests: 1 }, random);
      ask("/");
      const response = refused(ask("/").answer);
      assert.deepEqual(JSON.parse(response.body as string), {
        title: "Service Unavailable",
        status: 503,
        detail: "the server is busy; come back later",
      });
      return response.headers.get("Retry-After");
    });
    assert.deepEqual(seconds, ["1", "3", "4"]);
  });

  it("is never a path that is exempt, whatever its query", () => {
    const { ask, shedder, begun } = rig({
      maxConcurrentRequests: 1,
      maxEventLoopDelayMs: 1,
    });
    ask("/");
    ask("/healthz");
    for (const ms of [9, 9]) shedder.onEventLoopDelay(ms);
    ask("/healthz?verbose");
    assert.deepEqual(begun, ["/", "/healthz", "/healthz?verbose"]);
  });

  it("is what comes on a connection too many, if not exempt", () => {
    const { shedder, shed } = rig({});
    const handle = shedder.refusing(() => ok());
    refused(handle(new HttpRequest({ target: "/" })));
    const exempt = handle(new HttpRequest({ target: "/healthz" }));
    assert.equal((exempt as HttpResponse).status, 200);
    assert.deepEqual(shed, ["connections"]);
  });
});
