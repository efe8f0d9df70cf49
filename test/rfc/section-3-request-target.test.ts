/** RFC 9112 §3.2: the request target. */
import assert from "node:assert/strict";
import { Origins } from "../../src/worker/http/forwarded/origins.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import type { ParseErrorReason } from "../../src/worker/http1/protocol-error.ts";
import { connect } from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

function requestFor(target: string, method = "GET", host = "h"): string {
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

// --- §3.2.1 origin-form

const paths = [
  "/",
  "/a/b?c=d",
  "//a",
  "//other/a",
  "/a%20b%zz",
  "/%00",
  "/?",
  "/??",
  "/a;b=c/d",
  '/|{}^`"<>[]',
  "/a:b@c",
  "/*",
  "/a/../b",
  "/http://other/",
];
for (const target of paths) {
  accepts(
    "request-line/origin-form",
    `§3.2.1 leaves ${target} as it is`,
    requestFor(target),
    { target, fields: ["Host: h"] },
  );
}

const characters: [what: string, bytes: string, reason: ParseErrorReason][] = [
  ["a NUL", "\x00", "target"],
  ["a control character", "\x1f", "target"],
  ["a VT", "\x0b", "target"],
  ["DEL", "\x7f", "target"],
  ["UTF-8", "\xc3\xa9", "target"],
  ["an 8-bit byte", "\xff", "target"],
  ["a fragment", "#b", "target"],
  ["an empty fragment", "#", "target"],
  ["a backslash", "\\b", "target"],
  ["a TAB", "\t", "target"],
  ["a space", " b", "version"],
  ["a LF", "\n", "request_line"],
];
for (const [what, bytes, reason] of characters) {
  const beginnings = ["/a", "/a?", "http://other/a"];
  refuses(
    "request-line/target-characters",
    `§3.2 refuses ${what} in a target`,
    beginnings.map((beginning) => requestFor(`${beginning}${bytes}`)),
    { reason },
  );
}

// --- §3.2.2 absolute-form

const uris: [uri: string, target: string, host: string][] = [
  ["http://other/a?b", "/a?b", "other"],
  ["http://other", "/", "other"],
  ["http://other?q", "/?q", "other"],
  ["http://other/", "/", "other"],
  ["HTTP://Other:81/a", "/a", "Other:81"],
  ["http://[::1]:8080/a", "/a", "[::1]:8080"],
  ["http://[v1.a]/a", "/a", "[v1.a]"],
  ["http://other:/a", "/a", "other:"],
  ["http://other:000081/a", "/a", "other:000081"],
  ["http://other//a", "//a", "other"],
  ["http://other/a?http://third/", "/a?http://third/", "other"],
];
for (const [uri, target, host] of uris) {
  accepts(
    "request-line/absolute-form",
    `§3.2.2 takes path and host from ${uri}`,
    requestFor(uri),
    { target, fields: [`Host: ${host}`] },
  );
}
accepts(
  "request-line/absolute-form",
  "§3.2.2 replaces Host wherever that stands",
  "GET http://other/ HTTP/1.1\r\nA: 1\r\nhOsT: h\r\nB: 2\r\n\r\n",
  { fields: ["A: 1", "B: 2", "Host: other"] },
);
accepts(
  "request-line/absolute-form",
  "§3.2.2 needs no Host in 1.0",
  "GET http://other/a HTTP/1.0\r\n\r\n",
  { target: "/a", fields: ["Host: other"] },
  { closes: true },
);

// --- RFC 9110 §7.4: what is for https has come over TLS

for (const target of ["https://h/", "HTTPS://h", "https://h:443/a?b"]) {
  refuses(
    "request-line/misdirected",
    `RFC 9110 §7.4 refuses ${target} without TLS`,
    requestFor(target),
    { isHandled: true },
  );
}
refuses(
  "request-line/misdirected",
  "RFC 9110 §7.4 refuses HEAD, OPTIONS and 1.0 for https without TLS",
  [
    requestFor("https://h/", "HEAD"),
    requestFor("https://h", "OPTIONS"),
    "GET https://h/ HTTP/1.0\r\n\r\n",
    "POST https://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
  ],
  { isHandled: true },
);
const secured: [what: string, proxies: string[], isEncrypted: boolean][] = [
  ["over TLS", [], true],
  ["from a trusted proxy", ["192.0.2.0/24"], false],
];
for (const [what, trustProxy, isClientEncrypted] of secured) {
  rule(
    "request-line/absolute-form",
    `RFC 9110 §7.4 takes https ${what}`,
    () => {
      const origins = new Origins({ trustProxy, forwardedFields: [] });
      const handler = ({ target, protocol }: HttpRequest) => {
        return text(`${protocol} ${target}`);
      };
      const { client } = connect(handler, {}, { origins });
      client.isClientEncrypted = isClientEncrypted;
      client.receive(requestFor("https://h/a"));
      const [response] = client.responses();
      assert.equal(response?.status, 200);
      const protocol = isClientEncrypted ? "https" : "http";
      assert.equal(String(response?.body), `${protocol} /a`);
    },
  );
}
rule(
  "request-line/absolute-form",
  "RFC 9110 §7.4 takes http over TLS: nothing that it asks for is missing",
  () => {
    const { client } = connect(({ target }) => text(target));
    client.isClientEncrypted = true;
    client.receive(requestFor("http://h/a"));
    assert.equal(String(client.responses()[0]?.body), "/a");
  },
);
rule(
  "request-line/absolute-form",
  "§3.2.2 keeps the target and the fields as they were sent",
  () => {
    const seen: HttpRequest[] = [];
    const { client } = connect((request) => {
      seen.push(request);
      request.headers.set("X-New", "1").delete("a");
      return text("");
    });
    client.receive(
      "GET HTTP://Other:81?q HTTP/1.1\r\nA: 1\r\nhOsT: h:80\r\na:\t2 \r\n\r\n",
    );
    const [request] = seen;
    assert.equal(request?.target, "/?q");
    assert.equal(request?.rawTarget, "HTTP://Other:81?q");
    assert.equal(request?.host, "Other:81");
    assert.deepEqual(request?.rawHeaders, [
      ["A", "1"],
      ["hOsT", "h:80"],
      ["a", "2"],
    ]);
  },
);

const authorities: [what: string, uri: string][] = [
  ["no host", "http:///a"],
  ["nothing at all", "http://"],
  ["a query for a host", "http://?a"],
  ["a port alone", "http://:80/a"],
  ["a port that is none", "http://other:x/"],
  ["a port over 65535", "http://other:65536/"],
  ["userinfo", "http://me@other/"],
  ["a password", "http://me:pw@other/"],
  ["empty userinfo", "http://@other/"],
  ["a list of hosts", "http://a,b/"],
  ["an open bracket", "http://[::1/"],
  ["three colons in brackets", "http://[:::]/"],
  ["IPv4 in brackets", "http://[1.2.3.4]/"],
  ["nine groups", "http://[1:2:3:4:5:6:7:8:9]/"],
  ["a zone", "http://[fe80::1%25eth0]/"],
];
for (const [what, uri] of authorities) {
  refuses(
    "request-line/absolute-form-authority",
    `§3.2.2 refuses a URI with ${what}`,
    requestFor(uri),
  );
}

const hosts: [what: string, wire: string][] = [
  ["no Host", "GET http://other/ HTTP/1.1\r\n\r\n"],
  ["a Host with a path", requestFor("http://other/", "GET", "a/b")],
  ["an empty Host", requestFor("http://other/", "GET", "")],
  [
    "two Hosts",
    "GET http://other/ HTTP/1.1\r\nHost: other\r\nHost: other\r\n\r\n",
  ],
];
for (const [what, wire] of hosts) {
  const title = `§3.2.2 refuses a URI with ${what} all the same`;
  refuses("request-line/absolute-form-host", title, wire);
}

const relative: [what: string, target: string][] = [
  ["a URI of ftp", "ftp://other/a"],
  ["a URI of a file", "file:///etc/passwd"],
  ["a URI with one slash", "http:/other/a"],
  ["a scheme without slashes", "http:other/a"],
  ["a path without its slash", "a/b"],
  ["a dot", "."],
  ["a query alone", "?a"],
  ["a percent sign first", "%2fa"],
];
for (const [what, target] of relative) {
  refuses(
    "request-line/relative-form",
    `§3.2 refuses ${what} for a target`,
    requestFor(target),
  );
}

// --- §3.2.3 authority-form

for (const target of ["other:443", "[::1]:443", "other:443/", "/", "*"]) {
  refuses(
    "request-line/connect",
    `§3.2.3 is no tunnel: CONNECT ${target}`,
    requestFor(target, "CONNECT"),
  );
}
for (const target of ["other:80", "other", "[::1]:80"]) {
  refuses(
    "request-line/authority-form",
    `§3.2.3 refuses GET ${target}`,
    requestFor(target),
  );
}

// --- §3.2.4 asterisk-form

const toServer: [target: string, host: string][] = [
  ["*", "h"],
  ["http://other", "other"],
  ["http://other:81", "other:81"],
];
for (const [target, host] of toServer) {
  accepts(
    "request-line/asterisk",
    `§3.2.4 OPTIONS ${target} asks of the server`,
    requestFor(target, "OPTIONS"),
    { target: "*", fields: [`Host: ${host}`] },
  );
}
accepts(
  "request-line/asterisk",
  "§3.2.4 OPTIONS of a URI with a path asks of that",
  requestFor("http://other/", "OPTIONS"),
  { target: "/" },
);
for (const [method, target] of [
  ["GET", "*"],
  ["options", "*"],
  ["OPTIONS", "*/a"],
  ["OPTIONS", "**"],
  ["OPTIONS", "*?a"],
] as const) {
  refuses(
    "request-line/asterisk-otherwise",
    `§3.2.4 refuses ${method} ${target}`,
    requestFor(target, method),
  );
}
