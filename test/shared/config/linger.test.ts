import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  lingerMsOf,
  wantedLingerMs,
} from "../../../src/shared/config/linger.ts";

const drain = { lingerMs: 5_000, deadlineMs: 20_000 };

describe("how long a drain keeps idle connections", () => {
  it("is drain.lingerMs where nothing is known of a balancer", () => {
    assert.equal(lingerMsOf(drain, 0), 5_000);
  });

  it("is drain.lingerMs where the balancer gives up sooner", () => {
    assert.equal(lingerMsOf(drain, 4_000), 5_000);
  });

  it("is a second longer than the balancer does", () => {
    assert.equal(lingerMsOf(drain, 4_001), 5_001);
    assert.equal(lingerMsOf(drain, 10_000), 11_000);
  });

  it("is no longer than the drain's deadline", () => {
    assert.equal(lingerMsOf(drain, 60_000), 20_000);
    assert.equal(wantedLingerMs(drain, 60_000), 61_000);
  });
});
