import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bytesText,
  countText,
  durationText,
  shareText,
} from "../../../src/cli/display/format.ts";

describe("amounts are written for people", () => {
  it("durations", () => {
    const hour = 3_600;
    for (const [seconds, text] of [
      [0, "0 ms"],
      [0.85, "850 ms"],
      [12.34, "12.3 s"],
      [65, "1m 05s"],
      [3 * hour + 12 * 60, "3h 12m"],
      [50 * hour, "2d 2h"],
    ] as const) {
      assert.equal(durationText(seconds), text);
    }
  });

  it("bytes", () => {
    assert.equal(bytesText(512), "512 B");
    assert.equal(bytesText(1536), "1.5 KiB");
    assert.equal(bytesText(83.1 * 1024 ** 2), "83.1 MiB");
    assert.equal(bytesText(3 * 1024 ** 5), "3072.0 TiB");
  });

  it("counts and shares", () => {
    assert.equal(countText(0), "0");
    assert.equal(countText(999.6), "1 000");
    assert.equal(countText(1_234_567), "1 234 567");
    assert.equal(shareText(0.344), "34 %");
  });
});
