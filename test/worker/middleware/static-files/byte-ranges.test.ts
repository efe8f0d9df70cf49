import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  MAX_RANGES,
  wantedRanges,
} from "../../../../src/worker/middleware/static-files/byte-ranges.ts";

/** Of a file of 1,000 octets: "0-9 20-29", "whole" or "unsatisfiable". */
function wanted(field: string | undefined, bytes = 1_000): string {
  const found = wantedRanges(field, bytes);
  if (found.type !== "ranges") return found.type;
  return found.ranges.map(({ first, last }) => `${first}-${last}`).join(" ");
}

describe("Range", () => {
  for (const [field, result] of [
    // The examples of §14.1.2, of a representation of 10,000 octets.
    ["bytes=0-499", "0-499"],
    ["bytes=500-999", "500-999"],
    ["bytes=-500", "9500-9999"],
    ["bytes=9500-", "9500-9999"],
    ["bytes=0-0,-1", "0-0 9999-9999"],
    ["bytes= 0-999, 4500-5499, -1000", "0-999 4500-5499 9000-9999"],
    ["bytes=500-600,601-999", "500-999"],
    ["bytes=500-700,601-999", "500-999"],
  ] as const) {
    it(`§14.1.2 ${field} is ${result}`, () => {
      assert.equal(wanted(field, 10_000), result);
    });
  }

  for (const [field, result] of [
    [undefined, "whole"],
    ["bytes=0-", "0-999"],
    ["Bytes=0-9", "0-9"],
    ["bytes=990-2000", "990-999"],
    ["bytes=-2000", "0-999"],
    ["bytes=0-9\t, ,,20-29,", "0-9 20-29"],
    ["bytes=20-29,0-9", "20-29 0-9"],
    ["bytes=20-29,0-9,5-15", "0-15 20-29"],
    ["bytes=0-99,10-19", "0-99"],
    ["bytes=0-9,5000-", "0-9"],
    ["bytes=99999999999999999999-", "unsatisfiable"],
    ["bytes=0-99999999999999999999", "0-999"],
    ["bytes=1000-", "unsatisfiable"],
    ["bytes=1000-1001,-0", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
  ] as const) {
    it(`§14.1.2 ${field} of 1,000 octets is ${result}`, () => {
      assert.equal(wanted(field), result);
    });
  }

  for (const field of [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=a-b",
    "bytes=0",
    "bytes=9-0",
    "bytes=0-9,9-0",
    "bytes=0-9;20-29",
    "bytes=0 - 9",
    "bytes=+0-9",
    "bytes=0x0-9",
    "bytes=1e1-99",
    "bytes =0-9",
    "bytes=0-9, bytes=20-29",
    "lines=0-9",
  ]) {
    it(`§14.2 ${JSON.stringify(field)} is ignored`, () => {
      assert.equal(wanted(field), "whole");
    });
  }

  it("is ignored where there is nothing", () => {
    assert.equal(wanted("bytes=0-9", 0), "whole");
    assert.equal(wanted("bytes=-9", 0), "whole");
  });

  it("§14.2 is ignored where there are too many of them", () => {
    const ranges = (count: number) => {
      const list = Array.from(
        { length: count },
        (_, at) => `${at * 2}-${at * 2}`,
      );
      return `bytes=${list.join()}`;
    };
    assert.equal(wanted(ranges(MAX_RANGES)).split(" ").length, MAX_RANGES);
    assert.equal(wanted(ranges(MAX_RANGES + 1)), "whole");
    // Those that are not there count too.
    assert.equal(wanted(`${ranges(MAX_RANGES)},5000-`), "whole");
  });

  it("never makes more of a file than there is (CVE-2011-3192)", () => {
    const list = Array.from({ length: 15 }, (_, at) => `${at}-`).join();
    assert.equal(wanted(`bytes=0-,${list}`), "0-999");
  });
});
