import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endOfRun, IS_TOKEN } from "../../../src/worker/http1/bytes.ts";

const LENGTHS = Array.from({ length: 34 }, (_, length) => length);

describe("a run of bytes", () => {
  it("ends at the first byte that is no member, wherever that is", () => {
    for (const length of LENGTHS) {
      for (const start of [0, 1, 7]) {
        const before = " ".repeat(start);
        const bytes = Buffer.from(`${before}${"a".repeat(length)} aa`);
        const end = endOfRun(bytes, start, bytes.length, IS_TOKEN);
        assert.equal(end, start + length, `${length} from ${start}`);
      }
    }
  });

  it("ends where it may, and no byte behind is looked at", () => {
    const bytes = Buffer.from("a".repeat(64));
    for (const length of LENGTHS) {
      assert.equal(endOfRun(bytes, 3, 3 + length, IS_TOKEN), 3 + length);
    }
    assert.equal(endOfRun(bytes, 64, 64, IS_TOKEN), 64);
  });
});
