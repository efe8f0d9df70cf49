import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRedisUrl } from "../../../src/shared/rate-limits/is-redis-url.ts";

describe("the URL of a Redis server", () => {
  for (const url of [
    "redis://localhost",
    "redis://localhost:6379/2",
    "rediss://user:secret@redis.example:6380",
    "redis://[::1]:6379/",
  ]) {
    it(`may be ${url}`, () => assert.ok(isRedisUrl(url)));
  }

  for (const url of [
    "localhost:6379",
    "http://localhost:6379",
    "redis:///2",
    "redis://localhost/two",
    "",
    6379,
    undefined,
  ]) {
    it(`is not ${JSON.stringify(url)}`, () => assert.ok(!isRedisUrl(url)));
  }
});
