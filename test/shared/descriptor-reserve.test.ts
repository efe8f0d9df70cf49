import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { describe, it } from "node:test";
import { descriptorLimit } from "../../src/shared/descriptor-limit.ts";
import { DescriptorReserve } from "../../src/shared/descriptor-reserve.ts";

describe("the limit on descriptors", () => {
  it("is what the system says", () => {
    const ulimit = execFileSync("sh", ["-c", "ulimit -Hn"], {
      encoding: "utf8",
    });
    // Node raises the soft limit to the hard one.
    const expected = Number(ulimit);
    const isLimited = Number.isFinite(expected);
    const limit = isLimited ? expected : Number.POSITIVE_INFINITY;
    assert.equal(descriptorLimit(), limit);
  });

  it("is the same where there is no /proc", () => {
    assert.equal(descriptorLimit("/nonexistent"), descriptorLimit());
  });
});

describe("the reserve of descriptors", () => {
  const sizes = [
    [16, 8, 1],
    [200, 100, 60],
    [1_024, 256, 654],
    [4_096, 512, 3_157],
    [20_000, 1_024, 16_839],
    [Number.POSITIVE_INFINITY, 0, 0],
  ] as const;

  for (const [limit, size, maxConnections] of sizes) {
    it(`is ${size} of ${limit}`, () => {
      const reserve = new DescriptorReserve(limit);
      assert.equal(reserve.size, size);
      assert.equal(reserve.maxConnections, maxConnections);
      assert.equal(reserve.has({ fd: limit - size - 1 }), false);
      assert.equal(reserve.has({ fd: limit - size }), size > 0);
    });
  }

  it("has nothing to do with handles that have no descriptor", () => {
    const reserve = new DescriptorReserve(200);
    assert.equal(reserve.has({}), false);
    assert.equal(reserve.has({ fd: -1 }), false);
  });

  it("lets a worker tell those that are too many, and is not touched", () => {
    for (let limit = 200; limit <= 2 ** 30; limit *= 2) {
      const { maxConnections, size } = new DescriptorReserve(limit);
      const surplus = Math.max(8, Math.ceil(maxConnections / 8));
      assert.ok(maxConnections + surplus <= limit - size - 26);
    }
  });

  it("goes by this: a new descriptor has the lowest number that is free", () => {
    const open = () => openSync("/dev/null", "r");
    const [one, two] = [open(), open()];
    assert.ok(one < two);
    closeSync(one);
    const again = open();
    assert.equal(again, one);
    closeSync(again);
    closeSync(two);
  });
});
