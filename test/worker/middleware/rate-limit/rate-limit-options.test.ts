import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkedOptions,
  type RateLimitOptions,
} from "../../../../src/worker/middleware/rate-limit/rate-limit-options.ts";

/** Options as JavaScript may give them. */
const check = (options: unknown) => () =>
  checkedOptions(options as RateLimitOptions);

describe("the options of a rate limit", () => {
  it("have defaults", () => {
    const { name, ...others } = checkedOptions({ max: 5 });
    assert.match(name, /^default(-\d+)?$/);
    assert.deepEqual(others, {
      max: 5,
      windowMs: 60_000,
      whenStoreFails: "allow",
      storeTimeoutMs: 500,
      cost: 1,
    });
  });

  it("name limits apart that have no name", () => {
    const [one, other] = [1, 2].map((max) => checkedOptions({ max }).name);
    assert.notEqual(one, other);
  });

  it("say what is wrong with one, and what would be right", () => {
    assert.throws(check({ max: 0 }), {
      name: "TypeError",
      message: `option max of rateLimit() must be a whole number from 1 to ${1e15 - 1}, not 0`,
    });
  });

  it("name the option that does not exist, and those that do", () => {
    assert.throws(
      check({ max: 1, limit: 5 }),
      /no option "limit"; the options are max, /,
    );
  });

  it("refuse the former name of the scope, and give the present one", () => {
    assert.throws(check({ max: 1, scope: "herd" }), {
      name: "TypeError",
      message: 'the scope "herd" of rateLimit() is now called "instance"',
    });
  });

  it("take the scope of an instance", () => {
    const { scope } = checkedOptions({ max: 1, scope: "instance" });
    assert.equal(scope, "instance");
  });

  for (const [what, options] of Object.entries({
    "no options": undefined,
    "no max": {},
    "max of a fraction": { max: 1.5 },
    "max of a text": { max: "10" },
    "a window of part of a second": { max: 1, windowMs: 1_500 },
    "a window of no time": { max: 1, windowMs: 0 },
    "a window longer than a timer": { max: 1, windowMs: 2 ** 31 },
    "a name that a field could not hold": { max: 1, name: 'a"b' },
    "a scope that there is not": { max: 1, scope: "cluster" },
    "a URL of something else": { max: 1, redisUrl: "http://localhost" },
    "a URL beside another scope": {
      max: 1,
      scope: "worker",
      redisUrl: "redis://localhost",
    },
    "another way to fail": { max: 1, whenStoreFails: "open" },
    "a time-out of no time": { max: 1, storeTimeoutMs: 0 },
    "a key that is a text": { max: 1, key: "ip" },
    "skip that is a boolean": { max: 1, skip: true },
    "a negative cost": { max: 1, cost: -1 },
  })) {
    it(`cannot be ${what}`, () => {
      assert.throws(check(options), { name: "TypeError" });
    });
  }
});
