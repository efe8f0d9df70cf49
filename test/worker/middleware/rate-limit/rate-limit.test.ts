import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setProcessLogger } from "../../../../src/shared/logging/logger.ts";
import { App } from "../../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import { InstanceCounter } from "../../../../src/worker/middleware/rate-limit/instance-counter.ts";
import { rateLimit } from "../../../../src/worker/middleware/rate-limit/rate-limit.ts";
import {
  type RateLimitHost,
  setRateLimitHost,
  startRateLimits,
} from "../../../../src/worker/middleware/rate-limit/rate-limit-host.ts";
import type { RateLimitOptions } from "../../../../src/worker/middleware/rate-limit/rate-limit-options.ts";
import { memoryLogger } from "../../memory-logger.ts";

let names = 0;
const newName = () => `test-${++names}`;

afterEach(() => setRateLimitHost(undefined));

function limitedApp(options: RateLimitOptions) {
  const name = newName();
  const app = new App().use(rateLimit({ name, ...options }));
  app.get("/", () => ok("hello"));
  const from = (remoteAddress: string, target = "/") =>
    app.handle(new HttpRequest({ target, remoteAddress }));
  return { app, name, from };
}

async function statuses(answers: readonly unknown[]): Promise<number[]> {
  const all = (await Promise.all(answers)) as { status: number }[];
  return all.map(({ status }) => status);
}

/** A process whose master says what `answer` says, or nothing. */
function hostWith(given: Partial<RateLimitHost> = {}) {
  const limited: string[] = [];
  const uncounted: string[] = [];
  setRateLimitHost({
    instanceCounter: undefined,
    redisUrl: undefined,
    hasAddresses: true,
    onLimited: (policy) => limited.push(policy),
    onUncounted: (store) => uncounted.push(store),
    ...given,
  });
  return { limited, uncounted };
}

describe("a rate limit", () => {
  it("lets max requests of a client through, and no more", async () => {
    const { limited } = hostWith();
    const { from, name } = limitedApp({ max: 3 });
    const answers = Array.from({ length: 6 }, () => from("192.0.2.1"));
    assert.deepEqual(await statuses(answers), [200, 200, 200, 429, 429, 429]);
    assert.deepEqual(await statuses([from("192.0.2.2")]), [200]);
    assert.deepEqual(limited, [name, name, name]);
  });

  it("tells what is left, as the draft's §3 and §4 have it", async () => {
    const { from, name } = limitedApp({ max: 2, windowMs: 30_000 });
    const { headers } = await from("192.0.2.1");
    assert.equal(headers.get("RateLimit-Policy"), `"${name}";q=2;w=30`);
    assert.equal(headers.get("RateLimit"), `"${name}";r=1;t=30`);
  });

  it("refuses with a problem of the draft's §5.1 and Retry-After", async () => {
    const { from, name } = limitedApp({ max: 1, windowMs: 30_000 });
    await from("192.0.2.1");
    const response = await from("192.0.2.1");
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("Retry-After"), "30");
    assert.equal(response.headers.get("RateLimit"), `"${name}";r=0;t=30`);
    assert.equal(
      response.headers.get("Content-Type"),
      "application/problem+json",
    );
    assert.deepEqual(JSON.parse(response.body as string), {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Request cannot be satisfied as assigned quota has been exceeded",
      status: 429,
      "violated-policies": [name],
    });
  });

  it("refuses in the same tick who is known to be over it", async () => {
    const { from } = limitedApp({ max: 1 });
    await from("192.0.2.1");
    const answer = from("192.0.2.1");
    assert.ok("status" in answer);
    assert.equal(answer.status, 429);
  });

  it("counts together the addresses of an IPv6 customer", async () => {
    const { from } = limitedApp({ max: 1 });
    assert.equal((await from("2001:db8::1")).status, 200);
    assert.equal((await from("2001:db8::2")).status, 429);
    assert.equal((await from("2001:db8:0:1::2")).status, 200);
  });

  it("counts by the app's own key, also a very long one", async () => {
    const { from } = limitedApp({
      max: 1,
      key: ({ query }) => `${query.get("user")}`.repeat(200),
    });
    assert.equal((await from("192.0.2.1", "/?user=ada")).status, 200);
    assert.equal((await from("192.0.2.2", "/?user=ada")).status, 429);
    assert.equal((await from("192.0.2.1", "/?user=bob")).status, 200);
  });

  it("does not count what it skips, nor what costs nothing", async () => {
    const { from } = limitedApp({
      max: 3,
      skip: ({ query }) => query.has("free"),
      cost: ({ query }) => Number(query.get("cost") ?? 1),
    });
    const free = await from("192.0.2.1", "/?free");
    assert.ok(!free.headers.has("RateLimit"));
    await from("192.0.2.1", "/?cost=0");
    assert.equal((await from("192.0.2.1", "/?cost=3")).status, 200);
    assert.equal((await from("192.0.2.1")).status, 429);
  });

  it("counts what it refuses: who is over it stays over it", async () => {
    const { from } = limitedApp({
      max: 5,
      cost: ({ query }) => Number(query.get("cost") ?? 1),
    });
    assert.equal((await from("192.0.2.1", "/?cost=4")).status, 200);
    assert.equal((await from("192.0.2.1", "/?cost=2")).status, 429);
    assert.equal((await from("192.0.2.1")).status, 429);
  });

  it("tells of all limits that a request is under", async () => {
    const [outer, inner] = [newName(), newName()];
    const app = new App().use(rateLimit({ name: outer, max: 9 }));
    const shared = ok();
    app.get("/", () => shared, {
      middleware: [rateLimit({ name: inner, max: 5 })],
    });
    for (const left of [8, 7]) {
      const { headers } = await app.handle(new HttpRequest());
      const expected = `"${inner}";r=${left - 4};t=60, "${outer}";r=${left};t=60`;
      const items = headers.get("RateLimit")?.split(", ").sort();
      assert.deepEqual(items, expected.split(", ").sort());
    }
  });

  it("counts together what has the same name", async () => {
    const name = newName();
    const [one, other] = [1, 2].map(() => limitedApp({ max: 1, name }));
    assert.equal((await one?.from("192.0.2.1"))?.status, 200);
    assert.equal((await other?.from("192.0.2.1"))?.status, 429);
  });

  for (const options of [
    { key: () => undefined as unknown as string },
    { cost: () => 0.5 },
  ]) {
    it(`says that ${Object.keys(options)}() is wrong`, async () => {
      const { logger, lines } = memoryLogger();
      setProcessLogger(logger);
      const { from } = limitedApp({ max: 1, ...options });
      assert.equal((await from("192.0.2.1")).status, 500);
      assert.match(JSON.stringify(lines), /TypeError.*rateLimit\(\): /);
    });
  }
});

describe("a rate limit whose store fails", () => {
  const noMaster = () => new InstanceCounter(() => false);

  it("lets requests through, and counts them as uncounted", async () => {
    setProcessLogger(memoryLogger().logger);
    const { uncounted } = hostWith({ instanceCounter: noMaster() });
    const { from } = limitedApp({ max: 1 });
    const answers = [from("192.0.2.1"), from("192.0.2.1")];
    assert.deepEqual(await statuses(answers), [200, 200]);
    assert.deepEqual(uncounted, ["master", "master"]);
  });

  it("refuses them with 503 if it is told to", async () => {
    setProcessLogger(memoryLogger().logger);
    hostWith({ instanceCounter: noMaster() });
    const { from } = limitedApp({ max: 1, whenStoreFails: "refuse" });
    const response = await from("192.0.2.1");
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("Retry-After"), "1");
  });

  it("refuses on whom the store had spoken", async () => {
    setProcessLogger(memoryLogger().logger);
    let isThere = true;
    const instanceCounter: InstanceCounter = new InstanceCounter(
      (id, entries) => {
        const counts = entries.map(() => ({ used: 2, msLeft: 60_000 }));
        setImmediate(() => instanceCounter.onCounted(id, counts));
        return isThere;
      },
    );
    hostWith({ instanceCounter });
    const { from } = limitedApp({ max: 1 });
    assert.equal((await from("192.0.2.1")).status, 429);
    isThere = false;
    assert.equal((await from("192.0.2.1")).status, 429);
    assert.equal((await from("192.0.2.2")).status, 200);
  });
});

describe("a rate limit for clients that are not known", () => {
  it("counts them all as one", async () => {
    const { app } = limitedApp({ max: 2 });
    const ask = () => app.handle(new HttpRequest());
    const answers = [await ask(), await ask(), await ask()];
    assert.deepEqual(await statuses(answers), [200, 200, 429]);
  });
});

describe("a rate limit that cannot work here", () => {
  /** Whatever the tests before have made. */
  const started = () => startRateLimits();

  it("on a Unix socket needs a key", async () => {
    await started();
    hostWith({ hasAddresses: false });
    rateLimit({ max: 1, name: newName() });
    await assert.rejects(
      started(),
      /no addresses .* give it key\(request\), or/,
    );
    rateLimit({ max: 1, name: newName(), key: () => "all" });
    await started();
  });

  it('of the scope "redis" needs a URL', async () => {
    await started();
    hostWith();
    rateLimit({ max: 1, name: newName(), scope: "redis" });
    await assert.rejects(started(), /needs a redisUrl/);
  });
});
