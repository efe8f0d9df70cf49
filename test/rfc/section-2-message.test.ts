/** RFC 9112 §2: the format of messages, and the protocol's version. */
import assert from "node:assert/strict";
import {
  COMMANDS,
  FAMILIES,
  proxyBlock,
  v4Addresses,
} from "../support/proxy-header-text.ts";
import { cutInTwo } from "../support/wire-cases.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { KeepingHandler } from "./handled.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

const REST = "\r\nHost: h\r\n\r\n";
const GET = `GET / HTTP/1.1${REST}`;

// --- §2.2 message parsing

rule("request-line/incomplete", "§2.2 waits where a head is cut", async () => {
  for (const [first = Buffer.of(), second = Buffer.of()] of cutInTwo(GET)) {
    const handler = new KeepingHandler();
    const { client, observer } = connect(handler.handle);
    client.receive(first);
    await settled();
    assert.equal(client.sent, "", first.toString());
    assert.deepEqual(observer.events, []);
    client.receive(second);
    await settled();
    assert.equal(handler.requests.length, 1, first.toString());
  }
});

for (const count of [1, 2, 4]) {
  accepts(
    "request-line/empty-lines",
    `§2.2 skips empty lines before a request: ${count}`,
    `${"\r\n".repeat(count)}${GET}`,
    { method: "GET", target: "/", fields: ["Host: h"] },
  );
}
accepts(
  "request-line/empty-lines",
  "§2.2 skips the empty line that some clients send after a body",
  `${requestOf("POST /first", [], "body")}\r\n`,
  { body: "body" },
);
accepts(
  "request-line/empty-lines",
  "§2.2 counts empty lines in no limit",
  `${"\r\n".repeat(4)}${GET}`,
  { target: "/" },
  { limits: { maxRequestLineBytes: 34, maxHeadBytes: 34 } },
);
refuses(
  "request-line/too-many-empty-lines",
  "§2.2 refuses a fifth empty line",
  "\r\n".repeat(5),
);
refuses(
  "request-line/too-many-empty-lines",
  "§2.2 refuses nothing but empty lines",
  "\r\n".repeat(10_000),
  { randomSplits: 1 },
);

const lineEnds: [
  what: string,
  wire: string,
  reason: "request_line" | "method" | "version",
][] = [
  ["a LF after the version", "GET / HTTP/1.1\nHost: h\r\n\r\n", "version"],
  ["LF everywhere", "GET / HTTP/1.1\nHost: h\n\n", "version"],
  ["a CR after the version", "GET / HTTP/1.1\rHost: h\r\n\r\n", "request_line"],
  ["CR CR LF after the version", `GET / HTTP/1.1\r${REST}`, "request_line"],
  ["a CR in the method", `G\rT / HTTP/1.1${REST}`, "method"],
  ["a LF in the method", `G\nT / HTTP/1.1${REST}`, "method"],
  ["a CR for a space", `GET /\rHTTP/1.1${REST}`, "request_line"],
  ["a LF in the target", `GET /\n HTTP/1.1${REST}`, "request_line"],
  ["an empty line of LF", `\n${GET}`, "method"],
  ["an empty line of CR", `\r${GET}`, "request_line"],
  ["an empty line of CR CR LF", `\r\r\n${GET}`, "request_line"],
];
for (const [what, wire, reason] of lineEnds) {
  refuses("request-line/line-end", `§2.2 refuses ${what}`, wire, { reason });
}

const notHttp: [what: string, wire: string][] = [
  ["control characters", "\x01\x02\x03\x04"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["an SSL 2 hello", "\x80\x2e\x01\x00\x02\x00\x15"],
  ["a response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ["JSON", '{"method":"GET"}\r\n'],
  ["XML", '<?xml version="1.0"?>\r\n'],
  ["an URI", "http://h/ HTTP/1.1\r\n\r\n"],
  ["a PROXY header in binary", "\r\n\r\n\x00\r\nQUIT\n"],
  ["a field", "Host: h\r\n\r\n"],
];
for (const [what, wire] of notHttp) {
  refuses("request-line/not-http", `§2.2 refuses ${what}`, wire);
}

const proxied = v4Addresses("192.0.2.1", "192.0.2.2");
const proxyHeaders = [
  ["of version 1", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "version"],
  ["of version 1 without a client", "PROXY UNKNOWN\r\n", "request_line"],
  [
    "of version 2",
    proxyBlock({ family: FAMILIES.INET, addresses: proxied }),
    "method",
  ],
  [
    "of version 2 without a client",
    proxyBlock({ command: COMMANDS.LOCAL, family: FAMILIES.UNSPEC }),
    "method",
  ],
] as const;
for (const [what, header, reason] of proxyHeaders) {
  const sentence = `§2.2 refuses a PROXY header ${what}`;
  const wire = `${header}GET / HTTP/1.1\r\nHost: h\r\n\r\n`;
  refuses("request-line/proxy-header", sentence, wire, { reason });
}

// --- §2.3 HTTP version

for (const minor of [2, 3, 9]) {
  accepts(
    "request-line/minor-version",
    `§2.3 takes HTTP/1.${minor} for 1.1`,
    `GET / HTTP/1.${minor}${REST}`,
    { httpVersion: "1.1" },
  );
}
refuses(
  "fields/host-missing",
  "§2.3 asks of HTTP/1.2 what it asks of 1.1",
  "GET / HTTP/1.2\r\n\r\n",
);

for (const version of ["0.9", "0.0", "2.0", "2.1", "3.0", "9.9"]) {
  refuses(
    "request-line/major-version",
    `§2.3 has no HTTP/${version}`,
    `GET / HTTP/${version}${REST}`,
  );
}
refuses(
  "request-line/http2-preface",
  "§2.3 refuses the preface of HTTP/2",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

const versions = [
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
  "HTTP/1.a",
  "HTTP/a.1",
  "HTTP/+1.1",
  "HTTP/-1.1",
  "HTTP/1.-1",
  "HTTP-1.1",
  "HTTP/2",
  "HTTP //1.1",
  "HTTP/1.1\x00",
  "HTTP/1.1\x0b",
  "HTTP/1.\xb2",
  "ICE/1.0",
  "HTTPS/1.1",
  "RTSP/1.0",
  "SIP/2.0",
];
for (const version of versions) {
  refuses(
    "request-line/version-syntax",
    `§2.3 refuses ${JSON.stringify(version)}`,
    `GET / ${version}${REST}`,
  );
}
