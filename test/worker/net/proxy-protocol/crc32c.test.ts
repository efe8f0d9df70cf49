import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32c } from "../../../../src/worker/net/proxy-protocol/crc32c.ts";

describe("the CRC-32C", () => {
  // RFC 3720 appendix B.4, as numbers; its bytes are in the other order.
  const cases: [string, Uint8Array, number][] = [
    ["nothing", new Uint8Array(0), 0],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["123456789", Buffer.from("123456789"), 0xe3069283],
  ];
  for (const [what, bytes, sum] of cases) {
    test(`of ${what}`, () => assert.equal(crc32c(bytes), sum));
  }
});
