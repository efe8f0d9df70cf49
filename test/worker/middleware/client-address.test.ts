import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../src/worker/http/request.ts";
import {
  type ClientAddressOptions,
  clientAddress,
} from "../../../src/worker/middleware/client-address.ts";

const PROXY = "10.0.0.1";
const CLIENT = "192.0.2.7";
const proxies: ClientAddressOptions = {
  trustedProxies: ["10.0.0.0/8", "2001:db8:1::/48"],
};
const standard: ClientAddressOptions = {
  ...proxies,
  forwardedField: "Forwarded",
};

function addressOf(
  options: ClientAddressOptions | undefined,
  remoteAddress: string | undefined,
  headers: Record<string, string | readonly string[]> = {},
): string | undefined {
  return clientAddress(options)(new HttpRequest({ remoteAddress, headers }));
}

describe("the address of a client", () => {
  it("is that of the peer, in one form", () => {
    const forms = [
      ["192.0.2.7", "192.0.2.7"],
      ["::ffff:192.0.2.7", "192.0.2.7"],
      ["::FFFF:c000:0207", "192.0.2.7"],
      ["0:0:0:0:0:ffff:c000:207", "192.0.2.7"],
      ["2001:0DB8:0:0::1", "2001:db8::1"],
      ["fe80::1%eth0", "fe80::1"],
    ] as const;
    for (const [given, plain] of forms) {
      assert.equal(addressOf(undefined, given), plain);
    }
  });

  it("is not what a peer says that is nobody's proxy", () => {
    const headers = {
      "X-Forwarded-For": "10.9.9.9",
      Forwarded: "for=10.9.9.9",
    };
    assert.equal(addressOf(undefined, CLIENT, headers), CLIENT);
    assert.equal(addressOf(proxies, CLIENT, headers), CLIENT);
    assert.equal(addressOf(standard, CLIENT, headers), CLIENT);
  });

  it("is 'unix' of a peer on a Unix socket", () => {
    assert.equal(addressOf(undefined, undefined), "unix");
    const headers = { "X-Forwarded-For": CLIENT };
    assert.equal(addressOf(proxies, undefined, headers), "unix");
    const trusting = { trustedProxies: ["unix"] };
    assert.equal(addressOf(trusting, undefined, headers), CLIENT);
    assert.equal(addressOf(trusting, undefined), "unix");
    assert.equal(addressOf(trusting, PROXY, headers), PROXY);
  });

  it("is the proxy's own where it forwards nothing", () => {
    assert.equal(addressOf(proxies, PROXY), PROXY);
    assert.equal(addressOf(proxies, PROXY, { "X-Forwarded-For": "" }), PROXY);
    assert.equal(addressOf(standard, PROXY, { Forwarded: "" }), PROXY);
  });

  it("of X-Forwarded-For is the last that is no proxy", () => {
    const cases = [
      [CLIENT, CLIENT],
      [`1.1.1.1, ${CLIENT}`, CLIENT],
      [`10.9.9.9, ${CLIENT}, 10.0.0.2`, CLIENT],
      [`${CLIENT},2001:db8:1::5,10.0.0.2`, CLIENT],
      ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
      [`, ${CLIENT} ,`, CLIENT],
      ["2001:DB8::7", "2001:db8::7"],
      [`${CLIENT}:5060`, CLIENT],
      ["[2001:db8::7]:443", "2001:db8::7"],
      ["::ffff:192.0.2.7", CLIENT],
    ] as const;
    for (const [field, address] of cases) {
      const headers = { "X-Forwarded-For": field };
      assert.equal(addressOf(proxies, PROXY, headers), address, field);
      assert.equal(addressOf(proxies, `::ffff:${PROXY}`, headers), address);
    }
  });

  it("of several lines is in the last one", () => {
    const headers = { "X-Forwarded-For": ["1.1.1.1", CLIENT] };
    assert.equal(addressOf(proxies, PROXY, headers), CLIENT);
  });

  it("RFC 7239 §4 of Forwarded is the last that is no proxy", () => {
    const cases = [
      [`for=${CLIENT}`, CLIENT],
      [`For="${CLIENT}:47011"`, CLIENT],
      ['for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
      [`for=${CLIENT};proto=http;by=203.0.113.43`, CLIENT],
      [`by=10.0.0.1; for=${CLIENT};`, CLIENT],
      [`for=1.1.1.1, for=${CLIENT}, for=10.0.0.2`, CLIENT],
      [`for=1.1.1.1;host="a, for=2.2.2.2",for="${CLIENT}"`, CLIENT],
      [`for="\\1.1.1.1";x="\\"", for=${CLIENT}`, CLIENT],
      ["for=unknown, for=10.0.0.2", undefined],
      ["for=_hidden", undefined],
      ["proto=http", undefined],
    ] as const;
    for (const [field, address] of cases) {
      const headers = { Forwarded: field };
      assert.equal(addressOf(standard, PROXY, headers), address, field);
    }
  });

  it("is in one of the two fields, the other is the client's", () => {
    const headers = {
      "X-Forwarded-For": CLIENT,
      Forwarded: "for=203.0.113.9",
    };
    assert.equal(addressOf(proxies, PROXY, headers), CLIENT);
    assert.equal(addressOf(standard, PROXY, headers), "203.0.113.9");
  });

  it("is not known where the last entry is none", () => {
    for (const last of [
      "unknown",
      "localhost",
      "192.0.2",
      "1.2.3.4.5",
      "x:1",
    ]) {
      const headers = { "X-Forwarded-For": `10.1.1.1, ${last}` };
      assert.equal(addressOf(proxies, PROXY, headers), undefined, last);
    }
  });

  it("is not known where Forwarded is not valid, whoever spoiled it", () => {
    const spoiled = [
      `for="10.0.0.1, for=${CLIENT}`,
      `for=10.0.0.1;x=", for="${CLIENT}"`,
      `for=10.0.0.1;x="\\, for="${CLIENT}"`,
      `for 10.0.0.1, for=${CLIENT}`,
      `for=10.0.0.1;, for=${CLIENT}`,
      "for=[2001:db8::1]",
      "for = 192.0.2.7",
    ];
    for (const field of spoiled) {
      const headers = { Forwarded: field };
      assert.equal(addressOf(standard, PROXY, headers), undefined, field);
    }
  });

  it("is found in linear time", () => {
    const startedAt = performance.now();
    const many = "10.0.0.1,".repeat(7_000);
    addressOf(proxies, PROXY, { "X-Forwarded-For": many });
    for (const spoiled of ['for="\\'.repeat(9_000), "for=a;".repeat(9_000)]) {
      addressOf(standard, PROXY, { Forwarded: spoiled });
    }
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe("clientAddress() is refused at start", () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ trustedProxies: "10.0.0.1" }, /must be a list of addresses/],
    [
      { trustedProxies: ["10.0.0.300"] },
      /option trustedProxies has "10.0.0.300", which is no address and no net/,
    ],
    [{ trustedProxies: ["proxy.example"] }, /write "192.0.2.1"/],
    [{ forwardedField: "X-Real-IP" }, /must be "X-Forwarded-For" or "Forw/],
    [{ trustProxy: true }, /no option "trustProxy"/],
  ];
  for (const [options, message] of refused) {
    it(`with ${JSON.stringify(options)}`, () => {
      const make = () => clientAddress(options as ClientAddressOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
