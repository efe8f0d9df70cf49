import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import {
  type IpFilterOptions,
  ipFilter,
} from "../../../src/worker/middleware/ip-filter.ts";

/** Of the answer in the same tick. */
function statusFor(
  options: IpFilterOptions,
  remoteAddress: string | undefined,
): number {
  let isIn = false;
  const request = new HttpRequest({ remoteAddress });
  const answer = ipFilter(options)(request, () => {
    isIn = true;
    return ok();
  });
  assert.ok(answer instanceof HttpResponse, "in the same tick");
  assert.equal(isIn, answer.status === 200);
  return answer.status;
}

describe("ipFilter()", () => {
  it("lets in whom it allows, and answers 403 to others", () => {
    const options = {
      allow: ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "::1"],
    };
    for (const address of ["192.0.2.7", "10.255.0.1", "2001:db8:f::1", "::1"]) {
      assert.equal(statusFor(options, address), 200, address);
    }
    for (const address of ["192.0.2.8", "11.0.0.0", "2001:db9::", "::2"]) {
      assert.equal(statusFor(options, address), 403, address);
    }
  });

  it("keeps out whom it denies, also of those it allows", () => {
    const options = { allow: ["10.0.0.0/8"], deny: ["10.6.6.0/24"] };
    assert.equal(statusFor(options, "10.6.7.1"), 200);
    assert.equal(statusFor(options, "10.6.6.1"), 403);
    assert.equal(statusFor({ deny: ["10.6.6.0/24"] }, "192.0.2.1"), 200);
    assert.equal(statusFor({ deny: ["10.6.6.0/24"] }, "10.6.6.9"), 403);
    assert.equal(statusFor({ deny: [] }, "10.6.6.9"), 200);
  });

  it("knows IPv4 also in the form of IPv6, on both sides", () => {
    const deny = ["192.0.2.0/24"];
    assert.equal(statusFor({ deny }, "::ffff:192.0.2.1"), 403);
    assert.equal(statusFor({ deny }, "::ffff:c000:201"), 403);
    for (const entry of ["::ffff:192.0.2.0/120", "::ffff:c000:201"]) {
      assert.equal(statusFor({ deny: [entry] }, "192.0.2.1"), 403, entry);
      assert.equal(statusFor({ deny: [entry] }, "192.0.3.1"), 200, entry);
    }
  });

  it("keeps the two families apart", () => {
    assert.equal(statusFor({ allow: ["::/0"] }, "192.0.2.1"), 403);
    assert.equal(statusFor({ allow: ["::/0"] }, "2001:db8::1"), 200);
    assert.equal(statusFor({ allow: ["0.0.0.0/0"] }, "2001:db8::1"), 403);
    assert.equal(statusFor({ allow: ["0.0.0.0/0"] }, "::1"), 403);
    assert.equal(statusFor({ allow: ["::1"] }, "0.0.0.1"), 403);
  });

  it("takes any address of a network for the network", () => {
    assert.equal(statusFor({ allow: ["10.1.2.3/8"] }, "10.9.9.9"), 200);
    assert.equal(statusFor({ allow: ["10.1.2.3/32"] }, "10.1.2.4"), 403);
    assert.equal(statusFor({ allow: ["10.1.2.3/31"] }, "10.1.2.2"), 200);
  });

  it("keeps out whom it does not know, also where nobody is denied", () => {
    assert.equal(statusFor({ deny: [] }, undefined), 403);
    assert.equal(statusFor({ deny: [] }, "not an address"), 403);
  });

  it("knows peers on a Unix socket by that name", () => {
    assert.equal(statusFor({ allow: ["unix"] }, "unix"), 200);
    assert.equal(statusFor({ allow: ["127.0.0.1"] }, "unix"), 403);
    assert.equal(statusFor({ deny: ["127.0.0.1"] }, "unix"), 200);
    assert.equal(statusFor({ deny: ["unix"] }, "unix"), 403);
  });
});

describe("ipFilter() is refused at start", () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{}, /ipFilter\(\) needs "allow" or "deny"$/],
    [{ allow: [] }, /option allow of ipFilter\(\) allows nobody/],
    [{ allow: "10.0.0.1" }, /option allow of ipFilter\(\) must be a list/],
    [{ allow: ["10.0.0.0/33"] }, /has "10.0.0.0\/33", which is no address/],
    [{ allow: ["10.0.0.0/"] }, /no network/],
    [{ allow: ["10.0.0.0/8/8"] }, /no network/],
    [{ allow: ["10.0.0.0/-1"] }, /no network/],
    [{ allow: ["10.0.0.0/0x8"] }, /no network/],
    [{ allow: ["10.0.0.0/255.0.0.0"] }, /no network/],
    [{ allow: ["010.0.0.1"] }, /no network/],
    [{ allow: ["10.0.0"] }, /no network/],
    [{ allow: ["2001:db8::/129"] }, /no network/],
    [{ allow: ["::ffff:10.0.0.0/8"] }, /no network/],
    [{ allow: ["fe80::1%eth0"] }, /no network/],
    [{ deny: [undefined] }, /option deny of ipFilter\(\) has undefined/],
    [{ block: [] }, /no option "block"/],
  ];
  for (const [options, message] of refused) {
    it(`with ${JSON.stringify(options)}`, () => {
      const make = () => ipFilter(options as IpFilterOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
