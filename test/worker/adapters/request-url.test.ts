import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requestUrl } from "../../../src/worker/adapters/request-url.ts";
import type { Client } from "../../../src/worker/http/forwarded/client.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";

function urlOf(host: string, target: string): string {
  return requestUrl(new HttpRequest({ target, headers: { Host: host } }));
}

describe("the URL of a request", () => {
  const hosts = [
    "h",
    "h:80",
    "h:8080",
    "H.Example",
    "127.1",
    "[::1]:81",
    "ü.de",
  ];
  const targets = [
    "/",
    "/a/b?c=d&e",
    "//a//b",
    "/a/./b",
    "/a/../b",
    "/..",
    "/.",
    "/a/.hidden",
    "/a/%2e%2e/b",
    "/a%20b",
    "/a'b?c'd",
    "/a|b^c`d{e}",
    '/?a="b"<c>',
    "/a\\b",
    "/?a=/../b",
    "/ü",
  ];

  for (const host of hosts) {
    test(`is that which parsing makes of ${host}`, () => {
      for (const target of targets) {
        const expected = new URL(`http://${host}${target}`).href;
        const given = Buffer.from(host).toString("latin1");
        if (given !== host) continue; // no field value
        assert.equal(urlOf(host, target), expected, target);
        assert.equal(urlOf(host, target), expected, `${target} again`);
      }
    });
  }

  test("has the protocol, and a host where none is named", () => {
    const request = new HttpRequest({ protocol: "https", target: "*" });
    assert.equal(requestUrl(request), "https://localhost/*");
  });

  test("is what a trusted proxy says that was asked for", () => {
    const client: Client = {
      remoteAddress: "192.0.2.1",
      protocol: "https",
      host: "a.example:8443",
    };
    const origin = {
      peerAddress: "10.0.0.1",
      isTrusted: true,
      clientOf: () => client,
    };
    const headers = { Host: "inner" };
    const request = new HttpRequest({ target: "/a", headers, origin });
    assert.equal(requestUrl(request), "https://a.example:8443/a");
  });

  test("is refused where it is none", () => {
    for (const host of ["a b", "h:99999", ""]) {
      assert.throws(() => urlOf(host, "/"), { status: 400 }, host);
    }
  });

  test("is that of its own host, however many there are", () => {
    for (let i = 0; i < 250; i++) {
      assert.equal(urlOf(`h${i}`, "/a"), `http://h${i}/a`);
    }
  });
});
