import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  chooseCoding,
  codingChooser,
} from "../../../../src/worker/middleware/compression/accept-encoding.ts";

const OFFERED = ["br", "zstd", "gzip"] as const;

describe("Accept-Encoding", () => {
  for (const [field, coding, refusesIdentity = false] of [
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["gzip, br", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["GZip", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip;q=1, br;q=0.9", "gzip"],
    ["gzip; q=0.001 , br ;Q=0", "gzip"],
    ["gzip;q=0.5, zstd;q=0.8, br;q=0.5", "zstd"],
    ["deflate", undefined],
    ["*", "br"],
    ["*;q=0.5, gzip", "gzip"],
    ["br;q=0, *", "zstd"],
    ["gzip;q=0", undefined],
    // The content as it is has no weight unless it is named.
    ["gzip;q=0.1", "gzip"],
    ["gzip;q=0.5, identity", undefined],
    ["gzip;q=0.5, identity;q=0.5", "gzip"],
    ["gzip;q=0.5, identity;q=0.4", "gzip"],
    ["identity;q=0", undefined, true],
    ["*;q=0", undefined, true],
    ["*;q=0, identity", undefined],
    ["gzip, *;q=0", "gzip", true],
    ["gzip, identity;q=0", "gzip", true],
    // What is no member is not looked at.
    ["gzip;q=2", undefined],
    ["gzip;q=0.1234", undefined],
    ["gzip;q=", undefined],
    ["gzip;level=1, br", "br"],
    ["gz ip, zstd", "zstd"],
    [",,gzip,,", "gzip"],
  ] as const) {
    it(`§12.5.3 ${JSON.stringify(field)} asks for ${coding}`, () => {
      const choice = chooseCoding(field, OFFERED);
      assert.deepEqual(choice, { coding, refusesIdentity });
    });
  }

  it("is not offered what is not there", () => {
    assert.equal(chooseCoding("br", ["gzip"]).coding, undefined);
    assert.equal(chooseCoding("*", []).coding, undefined);
  });

  it("is read once for each value, and not kept without end", () => {
    const choose = codingChooser(OFFERED);
    const first = choose("gzip, br");
    assert.equal(choose("gzip, br"), first);
    for (let index = 0; index < 100; index++) choose(`gzip, x-${index}`);
    assert.notEqual(choose("gzip, br"), first);
    assert.deepEqual(choose("gzip, br"), first);
  });
});
