/** RFC 9112 §6 and §7.1: how long a response's body is. */
import assert from "node:assert/strict";
import {
  HttpResponse,
  type ResponseBody,
} from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");

async function* piecesOf(...pieces: string[]) {
  for (const piece of pieces) yield piece;
}

/** Two answers on one connection: the first must end where it says. */
async function answersTo(
  request: string,
  make: () => HttpResponse,
  isStreamed = false,
) {
  const made = connect(make);
  made.client.receive(request + request);
  for (let turns = 0; turns < (isStreamed ? 10 : 1); turns++) await settled();
  return made;
}

const whole: [what: string, body: string | Buffer | null, bytes: number][] = [
  ["a text", "hello", 5],
  ["a text beyond ASCII", "h\xe9\u20ac", 6],
  ["bytes", Buffer.from([0, 13, 10, 255]), 4],
  ["an empty text", "", 0],
  ["no bytes", Buffer.alloc(0), 0],
  ["no body", null, 0],
];
for (const [what, body, bytes] of whole) {
  rule("responses/length", `§6.2 has the length of ${what}`, async () => {
    const { client } = await answersTo(GET, () => new HttpResponse(body));
    const responses = client.responses();
    assert.equal(responses.length, 2);
    for (const { headers, body: received } of responses) {
      assert.equal(headers["content-length"], `${bytes}`);
      assert.equal(headers["transfer-encoding"], undefined);
      assert.deepEqual(received, Buffer.from(body ?? ""));
    }
  });
}

const streams: [what: string, pieces: string[]][] = [
  ["pieces", ["hello", " ", "w\xf6rld"]],
  ["empty pieces between others, which would end it", ["", "a", "", "b", ""]],
  ["pieces with CRLF", ["\r\n", "0\r\n\r\n"]],
  ["a long piece", ["x".repeat(70_000)]],
  ["no piece", []],
];
for (const [what, pieces] of streams) {
  rule("responses/chunked", `§6.1 sends chunks of ${what}`, async () => {
    const make = () => new HttpResponse(piecesOf(...pieces));
    const { client } = await answersTo(GET, make, true);
    const responses = client.responses();
    assert.equal(responses.length, 2);
    for (const { headers, body } of responses) {
      assert.equal(headers["transfer-encoding"], "chunked");
      assert.equal(headers["content-length"], undefined);
      assert.equal(body.toString(), pieces.join(""));
    }
    assert.equal(client.ending, undefined);
  });
}

for (const fields of ["", "Connection: keep-alive\r\n"]) {
  rule(
    "responses/stream-http10",
    `§6.3 ends a stream to 1.0 by the close: ${fields.trim() || "no field"}`,
    async () => {
      const make = () => new HttpResponse(piecesOf("a", "b"));
      const request = `GET / HTTP/1.0\r\n${fields}\r\n`;
      const { client } = await answersTo(request, make, true);
      const [response, ...rest] = client.responses();
      assert.equal(response?.headers["transfer-encoding"], undefined);
      assert.equal(response?.headers["content-length"], undefined);
      assert.equal(response?.headers.connection, "close");
      assert.equal(response?.body.toString(), "ab");
      assert.deepEqual(rest, []);
      assert.equal(client.ending, "fin");
    },
  );
}

const declared = (body: ResponseBody, length: number) => {
  return new HttpResponse(body, { headers: { "Content-Length": length } });
};
const KEPT_10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
for (const [version, request] of [
  ["1.1", GET],
  ["1.0", KEPT_10],
] as const) {
  rule(
    "responses/declared-length",
    `§6.2 sends a stream of a declared length as it is: ${version}`,
    async () => {
      const make = () => declared(piecesOf("hel", "lo"), 5);
      const { client } = await answersTo(request, make, true);
      const responses = client.responses();
      assert.equal(responses.length, 2);
      for (const { headers, body } of responses) {
        assert.equal(headers["content-length"], "5");
        assert.equal(headers["transfer-encoding"], undefined);
        assert.equal(body.toString(), "hello");
      }
    },
  );
}

const unlike: [what: string, body: ResponseBody][] = [
  ["a shorter text", "four"],
  ["a longer text", "longer"],
  ["an empty text", ""],
  ["no body", null],
  ["more bytes", Buffer.alloc(6)],
];
for (const [what, body] of unlike) {
  rule(
    "responses/wrong-length",
    `RFC 9110 §8.6 does not send ${what} as 5 bytes`,
    async () => {
      const make = () => declared(body, 5);
      const { client, observer } = await answersTo(GET, make);
      assert.deepEqual(
        client.responses().map(({ status }) => status),
        [500, 500],
      );
      assert.match(observer.events[1] ?? "", /^response error: a body of /);
    },
  );
}

rule(
  "responses/wrong-length",
  "§6.3 cuts a stream that is shorter than declared",
  async () => {
    const make = () => declared(piecesOf("abc"), 5);
    const { client, observer } = await answersTo(GET, make, true);
    assert.equal(client.ending, "reset");
    assert.match(observer.events[1] ?? "", /declared to have 5 bytes had 3/);
  },
);
rule(
  "responses/wrong-length",
  "§6.3 sends no byte more of a stream than declared",
  async () => {
    let given = 0;
    let isEnded = false;
    async function* endless() {
      try {
        for (;;) {
          given++;
          yield "abc";
        }
      } finally {
        isEnded = true;
      }
    }
    const make = () => declared(endless(), 5);
    const { client, observer } = await answersTo(GET, make, true);
    assert.equal(client.ending, "reset");
    assert.ok(client.sent.endsWith("\r\n\r\nabc"));
    assert.equal(given, 2);
    assert.equal(isEnded, true);
    assert.match(observer.events[1] ?? "", /declared to have 5 bytes had more/);
  },
);

for (const value of ["chunked", "identity", "gzip, chunked"]) {
  rule(
    "responses/own-transfer-encoding",
    `§6.1 lets no handler set Transfer-Encoding: ${value}`,
    async () => {
      const make = () => text("x").with("transfer-ENCODING", value);
      const { client, observer } = await answersTo(GET, make);
      assert.deepEqual(
        client.responses().map(({ status }) => status),
        [500, 500],
      );
      assert.match(observer.events[1] ?? "", /set by the server alone/);
    },
  );
}
