import assert from "node:assert/strict";
import { describe } from "node:test";
import { itAccepts, itRefuses } from "./parsed-head.ts";

function requestFor(target: string, method = "GET", host = "h"): string {
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

describe("a target in origin-form", () => {
  const fine = [
    "/",
    "/a/b?c=d",
    "//a",
    "/a%20b%zz",
    "/?",
    '/|{}^`"<>[]',
    "/a:b@c",
    "/*",
    "/http://other/",
  ];
  for (const target of fine) {
    itAccepts(`§3.2.1 ${target} is kept`, requestFor(target), (head) => {
      assert.equal(head.target, target);
      assert.equal(head.headers.get("host"), "h");
    });
  }

  const refused: [what: string, byte: string][] = [
    ["a NUL", "\x00"],
    ["a control", "\x1f"],
    ["DEL", "\x7f"],
    ["8-bit bytes", "\xc3\xa9"],
    ["a fragment", "#b"],
    ["a backslash", "\\b"],
    ["a TAB", "\t"],
  ];
  for (const [what, bytes] of refused) {
    const wire = requestFor(`/a${bytes}`);
    itRefuses(`§3.2 with ${what} is refused`, wire, "400 target");
  }
  itRefuses("§3.2 with a blank is refused", requestFor("/a b"), "400 version");
  itRefuses("§3.2 with a LF is refused", requestFor("/\n"), "400 request_line");
});

describe("a target in absolute-form", () => {
  const fine: [target: string, path: string, host: string][] = [
    ["http://other/a?b", "/a?b", "other"],
    ["http://other", "/", "other"],
    ["http://other?q", "/?q", "other"],
    ["http://other/", "/", "other"],
    ["HTTP://Other:81/a", "/a", "Other:81"],
    ["https://other/a", "/a", "other"],
    ["http://[::1]:8080/a", "/a", "[::1]:8080"],
    ["http://other/a?http://third/", "/a?http://third/", "other"],
  ];
  for (const [target, path, host] of fine) {
    const title = `§3.2.2 ${target} replaces Host by ${host}`;
    itAccepts(title, requestFor(target), (head) => {
      assert.equal(head.target, path);
      assert.deepEqual(head.headers.getAll("host"), [host]);
    });
  }

  itAccepts(
    "§3.2.2 replaces Host wherever that stands",
    "GET http://other/ HTTP/1.1\r\nA: 1\r\nhOsT: h\r\nB: 2\r\n\r\n",
    (head) => {
      assert.equal(head.headers.get("host"), "other");
      assert.equal(head.headers.size, 3);
    },
  );
  itAccepts(
    "§3.2.2 in 1.0 needs no Host",
    "GET http://other/a HTTP/1.0\r\n\r\n",
    (head) => {
      assert.equal(head.target, "/a");
      assert.equal(head.headers.get("host"), "other");
    },
  );
  itRefuses(
    "§3.2.2 in 1.1 needs Host all the same",
    "GET http://other/ HTTP/1.1\r\n\r\n",
    "400 host",
  );
  itRefuses(
    "§3.2.2 does not excuse a Host that is none",
    requestFor("http://other/", "GET", "a/b"),
    "400 host",
  );
  itRefuses(
    "§3.2.2 does not excuse two Hosts",
    "GET http://other/ HTTP/1.1\r\nHost: other\r\nHost: other\r\n\r\n",
    "400 host",
  );

  const refused: [title: string, target: string, expected: string][] = [
    ["§3.2.2 without a host", "http:///a", "400 host"],
    ["§3.2.2 with a port alone", "http://:80/a", "400 host"],
    ["§3.2.2 with a bad port", "http://other:x/", "400 host"],
    ["§3.2.2 with an empty port", "http://other:/", "400 host"],
    ["RFC 9110 §4.2.4 with userinfo", "http://me@other/", "400 host"],
    ["RFC 9110 §4.2.4 with a password", "http://me:pw@other/", "400 host"],
    ["§3.2.2 of another scheme", "ftp://other/a", "400 target"],
    ["§3.2.2 with one slash", "http:/other/a", "400 target"],
    ["§3.2 in relative form", "a/b", "400 target"],
    ["§3.2 of a query alone", "?a", "400 target"],
    ["§3.2.3 in authority-form", "other:80", "400 target"],
  ];
  for (const [title, target, expected] of refused) {
    itRefuses(`${title} is refused`, requestFor(target), expected);
  }
});

describe("other targets", () => {
  itAccepts("§3.2.4 * asks of the server", requestFor("*", "OPTIONS"), (h) => {
    assert.equal(h.target, "*");
    assert.equal(h.headers.get("host"), "h");
  });
  itAccepts(
    "§3.2.4 an OPTIONS without a path asks of the server too",
    requestFor("http://other", "OPTIONS"),
    (head) => {
      assert.equal(head.target, "*");
      assert.equal(head.headers.get("host"), "other");
    },
  );
  itAccepts(
    "§3.2.4 an OPTIONS with the path / asks of that",
    requestFor("http://other/", "OPTIONS"),
    (head) => assert.equal(head.target, "/"),
  );
  itRefuses("§3.2.4 * is for OPTIONS only", requestFor("*"), "400 target");
  itRefuses(
    "§3.2.4 * is no beginning",
    requestFor("*/a", "OPTIONS"),
    "400 target",
  );
  for (const target of ["other:443", "/", "http://other/"]) {
    const wire = requestFor(target, "CONNECT");
    itRefuses(`§3.2.3 CONNECT ${target} gets 501`, wire, "501 method");
  }
});
