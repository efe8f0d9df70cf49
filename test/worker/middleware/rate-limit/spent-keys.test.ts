import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpentKeys } from "../../../../src/worker/middleware/rate-limit/spent-keys.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("spent keys", () => {
  it("are refused until their window is over", () => {
    const clock = new FakeClock();
    const spent = new SpentKeys(clock);
    assert.equal(spent.msLeft("a"), 0);
    spent.add("a", 1_000);
    clock.advance(400);
    assert.equal(spent.msLeft("a"), 600);
    clock.advance(600);
    assert.equal(spent.msLeft("a"), 0);
  });

  it("are bounded: the oldest is asked about again", () => {
    const spent = new SpentKeys(new FakeClock());
    for (let key = 0; key <= 10_000; key++) spent.add(`${key}`, 1_000);
    assert.equal(spent.msLeft("0"), 0);
    assert.equal(spent.msLeft("1"), 1_000);
    assert.equal(spent.msLeft("10000"), 1_000);
  });
});
