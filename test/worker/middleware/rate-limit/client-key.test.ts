import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientKey } from "../../../../src/worker/middleware/rate-limit/client-key.ts";

describe("whom an address stands for", () => {
  for (const [address, key] of [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8::1", "2001:db8:0:0::/64"],
    ["1::3:4:5:6:7:8", "1:0:3:4::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ] as const) {
    it(`is ${key} for ${address}`, () => {
      assert.equal(clientKey(address), key);
    });
  }
});
