import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  acceptedHead,
  itAccepts,
  itRefuses,
  parseHead,
} from "./parsed-head.ts";

const REST = "\r\nHost: h\r\n\r\n";
const GET = `GET / HTTP/1.1${REST}`;

/** A request line of so many bytes, its CRLF included. */
function lineOf(bytes: number): string {
  const empty = "GET / HTTP/1.1\r\n";
  return `GET /${"a".repeat(bytes - empty.length)} HTTP/1.1`;
}

describe("a request line", () => {
  itAccepts("§3 gives method, target and version", GET, (head) => {
    assert.equal(head.method, "GET");
    assert.equal(head.target, "/");
    assert.equal(head.httpVersion, "1.1");
    assert.equal(head.framing, 0);
    assert.equal(head.keepsAlive, true);
    assert.equal(head.expectsContinue, false);
  });

  const incomplete = ["", "G", "GET", "GET ", "GET /", "GET / HTTP/1.1\r"];
  test("§2.2 that has not ended is no error", () => {
    for (const wire of incomplete) {
      assert.equal(parseHead([Buffer.from(wire)]), "needMore", wire);
    }
  });

  const refused: [title: string, line: string, expected: string][] = [
    ["§3 without a target", "GET HTTP/1.1", "400 request_line"],
    ["§3 with the method alone", "GET", "400 method"],
    ["§3 with a blank before it", " GET / HTTP/1.1", "400 method"],
    ["§3 with two blanks first", "GET  / HTTP/1.1", "400 request_line"],
    ["§3 with two blanks second", "GET /  HTTP/1.1", "400 version"],
    ["§3 with a TAB first", "GET\t/ HTTP/1.1", "400 method"],
    ["§3 with a TAB second", "GET /\tHTTP/1.1", "400 target"],
    ["§3 with a blank at its end", "GET / HTTP/1.1 ", "400 version"],
    ["§3 with a TAB at its end", "GET / HTTP/1.1\t", "400 version"],
    ["§3 with a fourth word", "GET / HTTP/1.1 x", "400 version"],
    ["§3 without a version (HTTP/0.9)", "GET /", "400 request_line"],
    ["§3 with an empty version", "GET / ", "400 version"],
    ["§2.2 with a CR within", "GET /\rHTTP/1.1", "400 request_line"],
    ["§2.2 with a CR in the method", "G\rT / HTTP/1.1", "400 method"],
  ];
  for (const [title, line, expected] of refused) {
    itRefuses(`${title} is refused`, `${line}${REST}`, expected);
  }

  itRefuses(
    "§2.2 that ends in a bare LF is refused",
    "GET / HTTP/1.1\nHost: h\r\n\r\n",
    "400 version",
  );
  itRefuses(
    "§2.2 that ends in a bare CR is refused",
    "GET / HTTP/1.1\rHost: h\r\n\r\n",
    "400 request_line",
  );
  itRefuses(
    "§2.2 that ends in CR CR LF is refused",
    `GET / HTTP/1.1\r${REST}`,
    "400 request_line",
  );
});

describe("empty lines before a request", () => {
  for (const count of [1, 4]) {
    const title = `§2.2 are skipped: ${count}`;
    itAccepts(title, `${"\r\n".repeat(count)}${GET}`, (head) => {
      assert.equal(head.method, "GET");
      assert.equal(head.headers.get("host"), "h");
    });
  }
  itRefuses(
    "§2.2 are not skipped for ever",
    `${"\r\n".repeat(5)}${GET}`,
    "400 request_line",
  );
  itRefuses("§2.2 end in CRLF, not in LF", `\n${GET}`, "400 method");
  itRefuses("§2.2 end in CRLF, not in CR", `\r${GET}`, "400 request_line");
  itRefuses("§2.2 hold no blank", ` \r\n${GET}`, "400 method");
});

describe("what is not HTTP", () => {
  const refused: [title: string, wire: string, expected: string][] = [
    ["garbage", "\x01\x02\x03\x04\x05\x06", "400 method"],
    ["a TLS ClientHello", "\x16\x03\x01\x02\x00\x01\x00", "400 method"],
    ["a response", "HTTP/1.1 200 OK\r\n\r\n", "400 method"],
    ["JSON", '{"method":"GET"}\r\n', "400 method"],
    [
      "the preface of HTTP/2",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "505 version",
    ],
  ];
  for (const [what, wire, expected] of refused) {
    itRefuses(`${what} is refused with ${expected}`, wire, expected);
  }
});

describe("a method", () => {
  const fine = ["POST", "get", "M-SEARCH", "PURGE", "!#$%&'*+-.^_`|~09Az"];
  for (const method of [...fine, "A".repeat(32)]) {
    const wire = `${method} / HTTP/1.1${REST}`;
    itAccepts(`§3.1 ${method} is kept as it is`, wire, (head) => {
      assert.equal(head.method, method);
    });
  }
  for (const byte of [...'\x00\x1f\x7f\xff"(),/:;<=>?@[\\]{}']) {
    const wire = `GE${byte}T / HTTP/1.1${REST}`;
    const shown = JSON.stringify(byte);
    itRefuses(`§3.1 with ${shown} is refused`, wire, "400 method");
  }
  itRefuses("§3.1 that is empty is refused", " / HTTP/1.1\r\n", "400 method");
  for (const bytes of [33, 8_191]) {
    itRefuses(
      `§3 of ${bytes} bytes is longer than any known one: 501`,
      `${"A".repeat(bytes)} / HTTP/1.1${REST}`,
      "501 method",
    );
  }
  test("§3 over 32 bytes may yet turn out to be no token", () => {
    const method = "A".repeat(33);
    assert.equal(parseHead([Buffer.from(method)]), "needMore");
    assert.equal(parseHead([Buffer.from(`${method}\r`)]), "400 method");
  });
  for (const bytes of [8_192, 100_000]) {
    itRefuses(
      `§3 of ${bytes} bytes begins no request line: 400`,
      `${"A".repeat(bytes)} / HTTP/1.1${REST}`,
      "400 method",
    );
  }
  itRefuses(
    "§3 that fills the limit of the request line is refused without its end",
    "A".repeat(64),
    "400 method",
    { limits: { maxRequestLineBytes: 64 } },
  );
});

describe("a version", () => {
  for (const version of ["HTTP/1.1", "HTTP/1.2", "HTTP/1.9"]) {
    itAccepts(`§2.3 ${version} is 1.1`, `GET / ${version}${REST}`, (head) => {
      assert.equal(head.httpVersion, "1.1");
      assert.equal(head.keepsAlive, true);
    });
  }
  itAccepts("§2.3 HTTP/1.0 is 1.0", `GET / HTTP/1.0${REST}`, (head) => {
    assert.equal(head.httpVersion, "1.0");
    assert.equal(head.keepsAlive, false);
  });
  for (const version of ["HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"]) {
    const wire = `GET / ${version}${REST}`;
    itRefuses(`§2.3 ${version} gets 505`, wire, "505 version");
  }
  const refused = [
    "http/1.1",
    "Http/1.1",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/01.1",
    "HTTP/1.01",
    "HTTP/1.10",
    "HTTP/11.1",
    "HTTP/1,1",
    "HTTP/a.1",
    "HTTP-1.1",
    "HTTP/-1.1",
    "HTTP /1.1",
    "HTTP/1.1\x00",
    "ICE/1.0",
    "HTTPS/1.1",
    "RTSP/1.0",
  ];
  for (const version of refused) {
    const wire = `GET / ${version}${REST}`;
    const shown = JSON.stringify(version);
    itRefuses(`§2.3 ${shown} is refused`, wire, "400 version");
  }
});

describe("the length of a request line", () => {
  itAccepts("§3 of 8,000 bytes is fine", lineOf(8_000) + REST, (head) => {
    assert.ok(head.target.startsWith("/aaa"));
  });
  itAccepts("§3 at the limit is fine", lineOf(8_192) + REST, () => {});
  itRefuses(
    "§3 over the limit gets 414",
    lineOf(8_193) + REST,
    "414 request_line_too_long",
  );
  itRefuses(
    "§3 over the limit gets 414 without its end",
    `GET /${"a".repeat(8_187)}`,
    "414 request_line_too_long",
  );
  itRefuses(
    "§3 counts from after the empty lines",
    `\r\n\r\n${lineOf(65)}${REST}`,
    "414 request_line_too_long",
    { limits: { maxRequestLineBytes: 64 } },
  );
  itAccepts(
    "§3 does not count the empty lines",
    `\r\n\r\n${lineOf(64)}${REST}`,
    () => {},
    { limits: { maxRequestLineBytes: 64 } },
  );
});

describe("a connection's persistence", () => {
  const cases: [line: string, fields: string, keepsAlive: boolean][] = [
    ["HTTP/1.1", "", true],
    ["HTTP/1.1", "Connection: keep-alive\r\n", true],
    ["HTTP/1.1", "Connection: close\r\n", false],
    ["HTTP/1.1", "Connection: CLOSE\r\n", false],
    ["HTTP/1.1", "connection:\tClose \r\n", false],
    ["HTTP/1.1", "Connection: foo, close\r\n", false],
    ["HTTP/1.1", "Connection: ,close,\r\n", false],
    ["HTTP/1.1", "Connection: keep-alive, close\r\n", false],
    ["HTTP/1.1", "Connection: foo\r\nX: y\r\nConnection: close\r\n", false],
    ["HTTP/1.1", "Connection: close\r\nConnection: foo\r\n", false],
    ["HTTP/1.1", "Connection: closed\r\n", true],
    ["HTTP/1.1", "Connection: not-close\r\n", true],
    ["HTTP/1.1", "X-Connection: close\r\n", true],
    ["HTTP/1.1", "Connection: \r\n", true],
    ["HTTP/1.0", "", false],
    ["HTTP/1.0", "Connection: keep-alive\r\n", true],
    ["HTTP/1.0", "Connection: Keep-Alive, foo\r\n", true],
    ["HTTP/1.0", "Connection: keep-alive, close\r\n", false],
    ["HTTP/1.0", "Keep-Alive: 5\r\n", false],
  ];
  for (const [version, fields, keepsAlive] of cases) {
    const what = JSON.stringify(`${version} ${fields.trim()}`);
    test(`§9.3 ${keepsAlive ? "goes on" : "ends"}: ${what}`, () => {
      const wire = `GET / ${version}\r\nHost: h\r\n${fields}\r\n`;
      assert.equal(acceptedHead(wire).keepsAlive, keepsAlive);
    });
  }
});

describe("an expectation", () => {
  const expects = (version: string, fields: string) => {
    const wire = `POST / ${version}\r\nHost: h\r\n${fields}\r\n`;
    return acceptedHead(wire).expectsContinue;
  };

  test("RFC 9110 §10.1.1 100-continue is known in any case", () => {
    assert.equal(expects("HTTP/1.1", "Expect: 100-continue\r\n"), true);
    assert.equal(expects("HTTP/1.1", "expect: 100-Continue\r\n"), true);
    assert.equal(expects("HTTP/1.1", ""), false);
  });

  test("RFC 9110 §10.1.1 is ignored in 1.0", () => {
    assert.equal(expects("HTTP/1.0", "Expect: 100-continue\r\n"), false);
    assert.equal(expects("HTTP/1.0", "Expect: more\r\n"), false);
  });

  for (const value of ["", "200-ok", "100-continue, x", "100-continue;q=1"]) {
    itRefuses(
      `RFC 9110 §10.1.1 ${JSON.stringify(value)} gets 417`,
      `POST / HTTP/1.1\r\nHost: h\r\nExpect: ${value}\r\n\r\n`,
      "417 expectation",
    );
  }
});
