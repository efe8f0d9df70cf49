import assert from "node:assert/strict";
import { describe } from "node:test";
import { itAccepts, itRefuses } from "./parsed-head.ts";

describe("Host", () => {
  const fine = [
    "example.com",
    "EXAMPLE.com:8080",
    "localhost",
    "a_b.example",
    "127.0.0.1:80",
    "[::1]",
    "[::ffff:1.2.3.4]:65535",
    "h:0",
    "a%20b",
    "x!$&'()*+;=~-",
  ];
  for (const host of fine) {
    const wire = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    itAccepts(`RFC 9110 §7.2 ${host} is fine`, wire, ({ headers }) => {
      assert.equal(headers.get("host"), host);
    });
  }

  const refused = [
    "",
    "a,b",
    "a, b",
    "a b",
    "a/b",
    "a/",
    "http://a",
    "me@a",
    "me:pw@a",
    "a:",
    "a:b",
    "a:-1",
    "a:65536",
    "a:123456",
    "a:80:80",
    "a?b",
    "a#b",
    "a\\b",
    ":80",
    "[::1",
    "::1",
    "[::1]x",
    "[]",
    "[g::1]",
    "a%2",
    "a%zz",
    "<a>",
    '"a"',
    "a\tb",
    "\xe9.example",
  ];
  for (const host of refused) {
    const wire = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    itRefuses(`§3.2 ${JSON.stringify(host)} is refused`, wire, "400 host");
  }

  const heads: [title: string, head: string][] = [
    ["§3.2 missing", "GET / HTTP/1.1\r\nA: 1\r\n\r\n"],
    ["§3.2 missing with no field at all", "GET / HTTP/1.1\r\n\r\n"],
    ["§3.2 twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    ["§3.2 twice and equal", "GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n"],
    ["§3.2 empty in 1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n"],
    ["§3.2 twice in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
    ["§3.2 as another name", "GET / HTTP/1.1\r\nHosts: a\r\n\r\n"],
  ];
  for (const [title, head] of heads) {
    itRefuses(`${title} is refused`, head, "400 host");
  }
  itAccepts(
    "§3.2 may be missing in 1.0",
    "GET / HTTP/1.0\r\n\r\n",
    ({ headers }) => assert.equal(headers.has("host"), false),
  );
});
