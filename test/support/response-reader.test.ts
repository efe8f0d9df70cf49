import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MalformedResponse } from "./malformed-response.ts";
import { type ReceivedResponse, ResponseReader } from "./response-reader.ts";

const CRLF = "\r\n";
const lines = (...parts: string[]) => parts.join(CRLF);

function read(
  text: string,
  { method = "GET", step = text.length } = {},
): ReceivedResponse | undefined {
  const reader = new ResponseReader();
  const bytes = Buffer.from(text, "latin1");
  let response: ReceivedResponse | undefined;
  for (let start = 0; start < bytes.length; start += step) {
    assert.equal(response, undefined, "whole before its last byte");
    reader.push(bytes.subarray(start, start + step));
    response = reader.next(method);
  }
  return response;
}

describe("the response reader reads, whole and byte by byte,", () => {
  const counted = lines("HTTP/1.1 200 OK", "Content-Length: 2", "", "ok");
  const chunked = lines(
    "HTTP/1.1 200 ",
    "Transfer-Encoding: Chunked",
    "",
    "1;x=y",
    "o",
    "01",
    "k",
    "0",
    "T: r",
    "",
    "",
  );
  const interim = `HTTP/1.1 100 Continue${CRLF + CRLF}${counted}`;
  const cases: [string, string, string, string][] = [
    ["a counted body", "GET", counted, "ok"],
    ["a chunked body", "GET", chunked, "ok"],
    ["what follows a 100", "GET", interim, "ok"],
    ["HEAD", "HEAD", counted.slice(0, -2), ""],
    ["304", "GET", counted.slice(0, -2).replace("200", "304"), ""],
    ["204", "GET", lines("HTTP/1.1 204 No", "", ""), ""],
  ];
  for (const [what, method, text, body] of cases) {
    test(what, () => {
      for (const step of [text.length, 1]) {
        assert.equal(read(text, { method, step })?.body.toString(), body);
      }
    });
  }

  test("trailers and interim statuses", () => {
    assert.deepEqual(read(chunked)?.trailers, [["T", "r"]]);
    assert.deepEqual(read(interim)?.interim, [100]);
  });
});

test("fields are kept as sent, and joined by name", () => {
  const response = read(
    lines("HTTP/1.1 200 OK", "X-A: 1", "Content-Length:0 ", "x-a:\t2", "", ""),
  );
  assert.equal(response?.headers["x-a"], "1, 2");
  assert.deepEqual(response?.fields[2], ["x-a", "2"]);
});

test("a response closes if it says so, by list or by version", () => {
  const closes = (version: string, field: string) =>
    read(lines(`HTTP/${version} 200 OK`, "Content-Length: 0", field, "", ""))
      ?.closes;
  assert.equal(closes("1.1", "X: close"), false);
  assert.equal(closes("1.1", "Connection: Keep-Alive, Close"), true);
  assert.equal(closes("1.0", "X: y"), true);
  assert.equal(closes("1.0", "Connection: keep-alive"), false);
});

test("a body without a length is whole at the EOF", () => {
  const reader = new ResponseReader();
  reader.push(Buffer.from(lines("HTTP/1.1 200 OK", "", "ok")));
  assert.equal(reader.next("GET"), undefined);
  assert.equal(reader.isPartial, true);
  reader.end();
  const response = reader.next("GET");
  assert.equal(response?.body.toString(), "ok");
  assert.equal(response.closes, true);
  assert.equal(reader.isPartial, false);
});

describe("the response reader refuses", () => {
  const cases: [string, string][] = [
    ["another protocol", "HTTQ"],
    ["a bare LF", lines("HTTP/1.1 200 OK", "A: 1\nB: 2", "", "")],
    ["a status of four digits", lines("HTTP/1.1 2000 OK", "", "")],
    ["a space before the colon", lines("HTTP/1.1 200 OK", "A : 1", "", "")],
    ["a folded line", lines("HTTP/1.1 200 OK", "A: 1", " 2", "", "")],
    [
      "two lengths",
      lines(
        "HTTP/1.1 200 OK",
        "Content-Length: 1",
        "Content-Length: 1",
        "",
        "",
      ),
    ],
    ["a signed length", lines("HTTP/1.1 200 OK", "Content-Length: +1", "", "")],
    [
      "a 204 with a length",
      lines("HTTP/1.1 204 No", "Content-Length: 0", "", ""),
    ],
    [
      "a chunk longer than its size",
      lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "1", "ok", ""),
    ],
    [
      "a chunk size that is none",
      lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "-1", ""),
    ],
  ];
  for (const [what, text] of cases) {
    test(what, () => assert.throws(() => read(text), MalformedResponse));
  }
});
