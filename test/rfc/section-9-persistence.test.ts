/** RFC 9112 §9.3, §9.5 and §9.6: what follows an answer. */
import assert from "node:assert/strict";
import { text } from "../../src/worker/http/response-helpers.ts";
import { connect, requestOf } from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const hello = () => text("hello");

function get10(...fields: string[]): string {
  return ["GET / HTTP/1.0", ...fields, "", ""].join("\r\n");
}

// --- §9.3 persistence

rule("connection/persistent", "§9.3 goes on in 1.1, unsaid", () => {
  const { client } = connect(hello);
  client.receive(GET.repeat(3));
  const responses = client.responses();
  assert.equal(responses.length, 3);
  for (const { headers } of responses) {
    assert.equal(headers.connection, undefined);
  }
  assert.equal(client.ending, undefined);
});
accepts(
  "connection/persistent",
  "§9.3 goes on where a 1.1 client asks for it",
  requestOf("GET /", ["Connection: keep-alive", "Keep-Alive: timeout=5"]),
  {},
);

const closing: [what: string, fields: string[]][] = [
  ["close", ["Connection: close"]],
  ["capitals", ["CONNECTION: CLOSE"]],
  ["blanks", ["Connection:\tClose \t"]],
  ["the end of a list", ["Connection: x, close"]],
  ["the beginning of a list", ["Connection: close,x"]],
  ["the middle of a list", ["Connection: a ,\tclose\t, b"]],
  ["a list with empty items", ["Connection: ,close,"]],
  ["a list with keep-alive", ["Connection: keep-alive, close"]],
  ["a line after others", ["Connection: x", "A: b", "Connection: close"]],
  ["a line before others", ["Connection: close", "Connection: keep-alive"]],
];
for (const [what, fields] of closing) {
  accepts(
    "connection/close-asked",
    `§9.6 closes where the client says so: ${what}`,
    requestOf("GET /", fields),
    {},
    { closes: true },
  );
}
rule("connection/close-asked", "§9.6 looks at nothing behind a close", () => {
  const { client, observer } = connect(hello);
  const last = requestOf("GET /", ["Connection: close"]);
  client.receive(`${GET}${last}${GET}\x00`);
  const closes = client.responses().map((response) => response.closes);
  assert.deepEqual(closes, [false, true]);
  assert.equal(client.ending, "fin");
  assert.equal(observer.events.length, 4);
});

const notClosing: [what: string, fields: string[]][] = [
  ["closed", ["Connection: closed"]],
  ["not-close", ["Connection: not-close"]],
  ["close in quotes", ['Connection: "close"']],
  ["close with a parameter", ["Connection: close;a=b"]],
  ["close and a word", ["Connection: close x"]],
  ["close and a no-break space", ["Connection: close\xa0, \xa0close"]],
  ["a name like it", ["X-Connection: close", "Connections: close"]],
  ["Proxy-Connection", ["Proxy-Connection: close"]],
  ["an empty value", ["Connection: "]],
  ["commas", ["Connection: ,,"]],
];
for (const [what, fields] of notClosing) {
  accepts(
    "connection/other-options",
    `§9.3 does not close for ${what}`,
    requestOf("GET /", fields),
    {},
  );
}

for (const value of ["close", "Close", "x, close", "close, x", "x,\tCLOSE\t"]) {
  rule(
    "connection/close-said",
    `§9.6 closes where the handler says ${JSON.stringify(value)}`,
    () => {
      const { client } = connect(() => hello().with("Connection", value));
      client.receive(GET + GET);
      const [response, ...rest] = client.responses();
      assert.equal(response?.headers.connection, "close");
      assert.equal(rest.length, 0);
      assert.equal(client.ending, "fin");
    },
  );
}
for (const value of ["not-close", "close-not", "keep-alive", "close\xa0", ""]) {
  rule(
    "connection/other-options",
    `§9.3 goes on where the handler says ${JSON.stringify(value)}`,
    () => {
      const { client } = connect(() => hello().with("Connection", value));
      client.receive(GET + GET);
      assert.equal(client.responses().length, 2);
      assert.equal(client.ending, undefined);
    },
  );
}

// --- 1.0

for (const [what, fields] of [
  ["no field", []],
  ["Keep-Alive only", ["Keep-Alive: timeout=5"]],
  ["close", ["Connection: close"]],
  ["keep-alive and close", ["Connection: keep-alive, close"]],
  ["close and keep-alive", ["Connection: close", "Connection: keep-alive"]],
  ["keep-alive in quotes", ['Connection: "keep-alive"']],
] as const) {
  accepts(
    "connection/http10",
    `§9.3 closes after 1.0 with ${what}`,
    get10(...fields),
    { httpVersion: "1.0" },
    { closes: true },
  );
}
for (const [what, fields] of [
  ["keep-alive", ["Connection: keep-alive"]],
  ["Keep-Alive", ["Connection:Keep-Alive"]],
  ["a list", ["Connection: Keep-Alive, x"]],
  ["two lines", ["Connection: x", "Connection: keep-alive"]],
] as const) {
  accepts(
    "connection/http10-keep-alive",
    `§9.3 goes on after 1.0 with ${what}`,
    get10(...fields),
    { httpVersion: "1.0" },
  );
}
rule("connection/http10-keep-alive", "§9.3 says keep-alive to 1.0", () => {
  const { client } = connect(hello);
  client.receive(get10("Connection: Keep-Alive").repeat(2));
  const responses = client.responses();
  assert.equal(responses.length, 2);
  for (const { headers } of responses) {
    assert.equal(headers.connection, "keep-alive");
  }
});

// --- limits

rule("connection/max-requests", "§9.6 says close with the last one", () => {
  const { client } = connect(hello, { maxRequestsPerConnection: 3 });
  client.receive(GET.repeat(4));
  const closes = client.responses().map((response) => response.closes);
  assert.deepEqual(closes, [false, false, true]);
  assert.equal(client.ending, "fin");
});

rule("connection/idle-timeout", "§9.3 closes an idle connection", () => {
  const { client, observer } = connect(hello);
  client.advance(74_999);
  assert.equal(client.ending, undefined);
  client.advance(1);
  assert.equal(client.ending, "fin");
  assert.equal(client.sent, "");
  assert.deepEqual(observer.events, []);
});
rule("connection/idle-timeout", "§9.3 has the time anew each time", () => {
  const { client } = connect(hello);
  for (let count = 0; count < 3; count++) {
    client.advance(70_000);
    client.receive(GET);
  }
  client.advance(74_999);
  assert.equal(client.ending, undefined);
  client.advance(1);
  assert.equal(client.ending, "fin");
  assert.equal(client.responses().length, 3);
});
rule("connection/idle-timeout", "§2.2 is not held by empty lines", () => {
  const { client } = connect(hello);
  client.advance(70_000);
  client.receive("\r\n\r");
  client.advance(5_000);
  assert.equal(client.ending, "fin");
  assert.equal(client.sent, "");
});
