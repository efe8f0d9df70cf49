import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpHeaders } from "../../../../src/worker/http/fields/http-headers.ts";
import type { Client } from "../../../../src/worker/http/forwarded/client.ts";
import { Origins } from "../../../../src/worker/http/forwarded/origins.ts";

const PROXY = "10.0.0.1";
const CLIENT = "192.0.2.7";
const trustProxy = ["10.0.0.0/8", "2001:db8:1::/48"];
const X_FIELDS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];
const common = new Origins({ trustProxy, forwardedFields: X_FIELDS });
const standard = new Origins({ trustProxy, forwardedFields: ["Forwarded"] });

type Fields = Record<string, string | readonly string[]>;

/** Over a plain connection. */
function clientOf(
  origins: Origins,
  peer: string | undefined,
  fields: Fields = {},
): Client {
  const headers = new HttpHeaders(fields);
  return origins.of(peer, "http").clientOf({ headers });
}

const addressBy = (field: string | readonly string[]) =>
  clientOf(common, PROXY, { "X-Forwarded-For": field }).remoteAddress;
const addressByForwarded = (field: string | readonly string[]) =>
  clientOf(standard, PROXY, { Forwarded: field }).remoteAddress;

describe("the client of a peer that is not a trusted proxy", () => {
  const lies: Fields = {
    "X-Forwarded-For": "10.9.9.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    Forwarded: "for=10.9.9.9;proto=https;host=evil.example",
  };
  const peers = [CLIENT, "unix", undefined, "2001:db8:2::1"];

  it("is the peer itself, whatever it says", () => {
    for (const origins of [new Origins(), common, standard]) {
      for (const peer of peers) {
        const { remoteAddress, protocol, host } = clientOf(origins, peer, lies);
        assert.deepEqual(
          [remoteAddress, protocol, host],
          [...[peer, "http", undefined]],
        );
      }
    }
  });

  it("has no fields read", () => {
    const request = {
      get headers(): HttpHeaders {
        throw new Error("its fields were asked for");
      },
    };
    assert.equal(
      common.of(CLIENT, "https").clientOf(request).protocol,
      "https",
    );
  });

  it("is not taken for a proxy that came before it", () => {
    const origins = new Origins({ trustProxy, forwardedFields: X_FIELDS });
    for (const peer of [PROXY, CLIENT, PROXY, undefined, "unix"]) {
      const { remoteAddress } = clientOf(origins, peer, lies);
      assert.equal(remoteAddress, peer === PROXY ? "10.9.9.9" : peer);
    }
  });
});

describe("the client of a trusted proxy", () => {
  it("is the proxy where it forwards nothing", () => {
    for (const origins of [common, standard]) {
      const { remoteAddress, protocol, host } = clientOf(origins, PROXY);
      assert.deepEqual(
        [remoteAddress, protocol, host],
        [...[PROXY, "http", undefined]],
      );
    }
  });

  it("is not known where it forwards an empty field", () => {
    for (const empty of ["", " ", ",", [CLIENT, ""], `${CLIENT}, ,`]) {
      assert.equal(addressBy(empty), undefined);
      assert.equal(addressByForwarded(empty), undefined);
    }
  });

  it("may be on a Unix socket", () => {
    const origins = new Origins({
      trustProxy: ["unix"],
      forwardedFields: X_FIELDS,
    });
    const headers = { "X-Forwarded-For": CLIENT };
    assert.equal(clientOf(origins, "unix", headers).remoteAddress, CLIENT);
    assert.equal(
      clientOf(origins, undefined, headers).remoteAddress,
      undefined,
    );
    assert.equal(clientOf(origins, PROXY, headers).remoteAddress, PROXY);
    const unix = { "X-Forwarded-For": `${CLIENT}, unix` };
    assert.equal(clientOf(origins, "unix", unix).remoteAddress, undefined);
  });

  it("is read from the fields that the proxy writes only", () => {
    const fields: Fields = {
      "X-Forwarded-For": CLIENT,
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "a.example",
      Forwarded: "for=203.0.113.9;proto=https;host=b.example",
      "X-Real-IP": "203.0.113.10",
      "X-Client-IP": "203.0.113.11",
    };
    const told = (...forwardedFields: string[]) => {
      const origins = new Origins({ trustProxy, forwardedFields });
      const client = clientOf(origins, PROXY, fields);
      return [client.remoteAddress, client.protocol, client.host];
    };
    assert.deepEqual(told(), [PROXY, "http", undefined]);
    assert.deepEqual(told("X-Forwarded-For"), [CLIENT, "http", undefined]);
    assert.deepEqual(told("X-Forwarded-Proto"), [PROXY, "https", undefined]);
    assert.deepEqual(told("X-Forwarded-Host"), [PROXY, "http", "a.example"]);
    assert.deepEqual(told(...X_FIELDS), [CLIENT, "https", "a.example"]);
    assert.deepEqual(told("Forwarded"), ["203.0.113.9", "https", "b.example"]);
  });
});

describe("X-Forwarded-For", () => {
  it("is walked from the right, through trusted hops only", () => {
    const cases = [
      [CLIENT, CLIENT],
      [`1.1.1.1, ${CLIENT}`, CLIENT],
      [`10.9.9.9, ${CLIENT}, 10.0.0.2`, CLIENT],
      [`${CLIENT},2001:db8:1::5,10.0.0.2`, CLIENT],
      ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
      [`, ${CLIENT}`, CLIENT],
      [`, ,\t${CLIENT} `, CLIENT],
    ] as const;
    for (const [field, address] of cases) {
      assert.equal(addressBy(field), address, field);
    }
  });

  it("of several lines is one list", () => {
    assert.equal(addressBy(["1.1.1.1", CLIENT]), CLIENT);
    assert.equal(addressBy(["1.1.1.1", CLIENT, "10.0.0.2"]), CLIENT);
    assert.equal(
      addressBy([`1.1.1.1, ${CLIENT}`, "10.1.1.1,10.0.0.2"]),
      CLIENT,
    );
  });

  it("may have ports, and each family in its forms", () => {
    const forms = [
      [`${CLIENT}:5060`, CLIENT],
      ["2001:DB8:0:0::7", "2001:db8::7"],
      ["[2001:db8::7]", "2001:db8::7"],
      ["[2001:db8::7]:443", "2001:db8::7"],
      ["::ffff:192.0.2.7", CLIENT],
      ["::FFFF:c000:0207", CLIENT],
      ["[0:0:0:0:0:ffff:c000:207]:80", CLIENT],
      ["fe80::1%eth0", "fe80::1"],
    ] as const;
    for (const [field, address] of forms) {
      assert.equal(addressBy(field), address, field);
      assert.equal(addressBy(`${field}, ::ffff:10.0.0.2`), address, field);
    }
  });

  it("says nothing where its entry cannot be read, nor does one before", () => {
    for (const entry of [
      ...["unknown", "_hidden", "unix", "unix:", "localhost", "-"],
      ...["192.0.2", "1.2.3.4.5", "192.0.2.07", "0x7f.1", "3221225985"],
      ...["x:1", "192.0.2.7:", "192.0.2.7:x", "192.0.2.7:123456"],
      ...["[192.0.2.7", "192.0.2.7]", "[]", "[2001:db8::1]:", "[2001:db8::1"],
      ...['"192.0.2.7"', "for=192.0.2.7", "192.0.2.7;proto=http"],
      ...["192.0.2.7 10.0.0.1", "10.0.0.1 192.0.2.7", "192.0.2.0/24"],
      ...["[192.0.2.7]", "[192.0.2.7]:80", "[:::]", "1:2:3:4:5:6:7:8:9"],
      ...["\u00a0192.0.2.7", "192.0.2.7\u00a0", "1".repeat(9_000)],
    ]) {
      assert.equal(addressBy(`10.1.1.1, ${entry}`), undefined, entry);
      assert.equal(
        addressBy(`${CLIENT}, ${entry}, 10.0.0.2`),
        undefined,
        entry,
      );
      assert.equal(addressBy([CLIENT, entry]), undefined, entry);
    }
  });

  it("of a chain that no proxies would make says nothing", () => {
    assert.equal(addressBy(`${CLIENT}${",10.0.0.2".repeat(31)}`), CLIENT);
    assert.equal(addressBy(`${CLIENT}${",10.0.0.2".repeat(32)}`), undefined);
  });
});

describe("X-Forwarded-Proto and X-Forwarded-Host", () => {
  const ask = (addresses: string, proto: string, host = proto) => {
    const client = clientOf(common, PROXY, {
      "X-Forwarded-For": addresses,
      "X-Forwarded-Proto": proto,
      "X-Forwarded-Host": host,
    });
    assert.equal(client.remoteAddress, CLIENT);
    return client;
  };
  const chain = `10.9.9.9, ${CLIENT}, 10.0.0.3, 10.0.0.2`;

  it("count as the outermost trusted proxy has written them", () => {
    assert.equal(ask(CLIENT, "https").protocol, "https");
    assert.equal(ask(`1.1.1.1, ${CLIENT}`, "http, https").protocol, "https");
    assert.equal(ask(CLIENT, "https, http").protocol, "http");
    assert.equal(ask(chain, "http, https, http, http").protocol, "https");
    assert.equal(ask(chain, "https, http, http, http").protocol, "http");
    assert.equal(ask(chain, "https").protocol, "https");
    assert.equal(ask(chain, "https, http").protocol, "https");
    const { host } = ask(chain, "evil, a.example:8443, b.example, c.example");
    assert.equal(host, "a.example:8443");
  });

  it("are the last where nothing says through how many they went", () => {
    const client = clientOf(common, PROXY, {
      "X-Forwarded-Proto": "https, http",
      "X-Forwarded-Host": "evil.example, a.example",
    });
    assert.deepEqual([client.protocol, client.host], ["http", "a.example"]);
  });

  it("count for a client that is not known", () => {
    const client = clientOf(common, PROXY, {
      "X-Forwarded-For": "1.1.1.1, unknown",
      "X-Forwarded-Proto": "http, https",
    });
    assert.equal(client.remoteAddress, undefined);
    assert.equal(client.protocol, "https");
  });

  it("do not count where they are neither a protocol nor a host", () => {
    for (const proto of ["", "ws", "https:", "on", '"https"', "https,", "1"]) {
      assert.equal(ask(CLIENT, proto).protocol, "http", proto);
    }
    assert.equal(ask(CLIENT, "HTTPS").protocol, "https");
    for (const host of [
      ...["", "a b", "a/b", "http://a", "u@a", "a:99999", ":80", '"a"'],
      ...["a,", "[::1", "::1", "a?b", "a#b", "a\\b", "[:::]", "[1.2.3.4]"],
      ...["[1:2:3:4:5:6:7:8:9]", "[::1%eth0]", "[1]", "[:]"],
    ]) {
      assert.equal(ask(CLIENT, host).host, undefined, host);
    }
    assert.equal(ask(CLIENT, "[::1]:443").host, "[::1]:443");
  });
});

describe("RFC 7239 Forwarded", () => {
  it("§5.2 has the client in the element of the outermost trusted proxy", () => {
    const cases = [
      [`for=${CLIENT}`, CLIENT],
      [`For="${CLIENT}:47011"`, CLIENT],
      ['for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
      ['for="[2001:db8:cafe::17]:_x"', "2001:db8:cafe::17"],
      [`for=${CLIENT};proto=http;by=203.0.113.43`, CLIENT],
      [`by=10.0.0.1; for=${CLIENT};`, CLIENT],
      [`;;for=${CLIENT} ; ;proto=https`, CLIENT],
      [`for=1.1.1.1, for=${CLIENT}, for=10.0.0.2`, CLIENT],
      [`for=1.1.1.1;host="a, for=2.2.2.2",for="${CLIENT}"`, CLIENT],
      [`for=1.1.1.1,for="${CLIENT}";x="\\", for=2.2.2.2;y=\\""`, CLIENT],
      [`for="\\1.1.1.1";x="\\"", for=${CLIENT}`, CLIENT],
      [`for="1\\92.0.2.7"`, CLIENT],
    ] as const;
    for (const [field, address] of cases) {
      assert.equal(addressByForwarded(field), address, field);
      assert.equal(addressByForwarded(`x=", ${field}`), address, field);
      assert.equal(addressByForwarded(['for="', field]), address, field);
    }
  });

  it("§5.2 has the first one where all are trusted", () => {
    assert.equal(addressByForwarded("for=10.0.0.3, for=10.0.0.2"), "10.0.0.3");
  });

  it("§6.2, §6.3 says nothing where there is no address", () => {
    for (const element of [
      ...["for=unknown", "for=_hidden", 'for="_hidden:_x"', "proto=http"],
      ...["for=[2001:db8::1]", "for = 192.0.2.7", "for 192.0.2.7", "for="],
      ...['for="192.0.2.7', 'for=192.0.2.7"', "192.0.2.7", '"192.0.2.7"'],
      ...["for=1.1.1.1;for=192.0.2.7", "for=192.0.2.7;FOR=192.0.2.7"],
      ...[
        'for=192.0.2.7;x="\\',
        "for=192.0.2.7 proto=http",
        "for=192.0.2.7:80",
      ],
    ]) {
      const chain = `for=${CLIENT}, ${element}, for=10.0.0.2`;
      assert.equal(addressByForwarded(element), undefined, element);
      assert.equal(addressByForwarded(chain), undefined, element);
    }
  });

  it("§5.3, §5.4 has the protocol and the host beside the client", () => {
    const told = (field: string) => {
      const client = clientOf(standard, PROXY, { Forwarded: field });
      return [client.remoteAddress, client.protocol, client.host];
    };
    const outer = `for=${CLIENT};proto=HTTPS;host="a.example:8443"`;
    const all = [CLIENT, "https", "a.example:8443"];
    assert.deepEqual(told(outer), all);
    assert.deepEqual(told(`for=1.1.1.1;proto=http;host=evil, ${outer}`), all);
    assert.deepEqual(told(`${outer}, for=10.0.0.2;proto=http;host=b`), all);
    const bare = `for=${CLIENT}`;
    const nothing = [CLIENT, "http", undefined];
    assert.deepEqual(
      told(`for=1.1.1.1;proto=https;host=evil, ${bare}`),
      nothing,
    );
    assert.deepEqual(told(`${bare}, for=10.0.0.2;proto=https;host=b`), nothing);
    assert.deepEqual(told(`${bare};proto=wss;host="a/b"`), nothing);
    assert.deepEqual(told(`for=_x;proto=https;host=a`), [
      undefined,
      "https",
      "a",
    ]);
  });
});

describe("a field that is to cost much time", () => {
  it("does not", () => {
    const startedAt = performance.now();
    addressBy("10.0.0.1,".repeat(7_000));
    for (const unit of [
      'for="\\',
      "for=a;",
      '\\"',
      '",',
      ";",
      " ",
      "\\",
      "=",
    ]) {
      const field = unit.repeat(60_000 / unit.length);
      addressByForwarded(field);
      addressByForwarded(`${field}x, for=10.0.0.2`);
      addressBy(`${field}, 10.0.0.2`);
      clientOf(common, PROXY, { "X-Forwarded-Host": field });
    }
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe("trusted proxies", () => {
  it("are addresses and networks", () => {
    const make = (entry: string) =>
      new Origins({ trustProxy: [entry], forwardedFields: X_FIELDS });
    const message = /trustProxy has "proxy.example", which is no address/;
    assert.throws(() => make("proxy.example"), { name: "TypeError", message });
  });
});
