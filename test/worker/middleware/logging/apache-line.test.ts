import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createLogger,
  setProcessLogger,
} from "../../../../src/shared/logging/logger.ts";
import {
  HttpRequest,
  type HttpRequestInit,
} from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import {
  type LoggingOptions,
  logging,
} from "../../../../src/worker/middleware/logging/logging.ts";

const TIME = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/;
const AGENT = "Mozilla/4.08 [en] (Win98; I ;Nav)";

/** The line of a request, with `TIME` instead of its time. */
function lineOf(
  options: LoggingOptions,
  init: HttpRequestInit,
  response = new HttpResponse("x".repeat(2326)),
): string {
  let written = "";
  const write = (text: string) => {
    written += text;
  };
  const logger = createLogger({ role: "worker", sink: { write } });
  setProcessLogger(logger);
  const answer = logging(options)(new HttpRequest(init), () => response);
  assert.equal(answer, response, "in the same tick");
  logger.info("behind it"); // writes the lines that wait
  const [line = "", ...others] = written.split("\n");
  assert.equal(others.length, 2, "one line, and that of the logger");
  assert.match(line, TIME);
  return line.replace(TIME, "TIME");
}

describe("the access log in a format of Apache", () => {
  it("has the fields of its documentation, in order", () => {
    const request = {
      target: "/apache_pb.gif",
      httpVersion: "1.0",
      remoteAddress: "127.0.0.1",
      headers: {
        Referer: "http://www.example.com/start.html",
        "User-Agent": AGENT,
      },
    } as const;
    const user = () => "frank";
    assert.equal(
      lineOf({ format: "common", user }, request),
      '127.0.0.1 - frank TIME "GET /apache_pb.gif HTTP/1.0" 200 2326',
    );
    assert.equal(
      lineOf({ format: "combined", user }, request),
      '127.0.0.1 - frank TIME "GET /apache_pb.gif HTTP/1.0" 200 2326 ' +
        `"http://www.example.com/start.html" "${AGENT}"`,
    );
  });

  it("has a dash for what is not known, and for a body of no bytes", () => {
    const empty = new HttpResponse(null, { status: 204 });
    assert.equal(
      lineOf({ format: "combined" }, {}, empty),
      '- - - TIME "GET / HTTP/1.1" 204 - "-" "-"',
    );
  });

  it("has queries only if told to", () => {
    const request = {
      target: "/reset?token=t0p",
      headers: { Referer: "https://example.com/mail?key=s3cret#part" },
    };
    assert.equal(
      lineOf({ format: "combined" }, request),
      '- - - TIME "GET /reset HTTP/1.1" 200 2326 "https://example.com/mail" "-"',
    );
    assert.match(
      lineOf({ format: "combined", query: true }, request),
      /"GET \/reset\?token=t0p HTTP\/1\.1" .* "https:\/\/example.com\/mail\?key=s3cret#part"/,
    );
  });

  it("has no field that a client could end, and no control character", () => {
    const line = lineOf(
      { format: "combined", user: () => 'a b"\n' },
      {
        target: '/a"b',
        headers: {
          Referer: 'x" 200 1 "forged',
          "User-Agent": "\\\t\u0085\u009b31m\u00e9",
        },
      },
    );
    assert.equal(
      line,
      '- - a\\x20b\\"\\n TIME "GET /a\\"b HTTP/1.1" 200 2326 ' +
        '"x\\" 200 1 \\"forged" "\\\\\\t\\xc2\\x85\\xc2\\x9b31m\\xc3\\xa9"',
    );
  });

  it("refuses options that would have no effect", () => {
    assert.throws(
      () => logging({ format: "common", headers: ["host"] }),
      /takes "headers" only with the format "json"/,
    );
    assert.throws(() => logging({ user: () => "x" }), /takes "user" only/);
    assert.throws(() => logging({ format: "apache" as "common" }), /format/);
  });

  it("follows level, skip and sample as JSON does", () => {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    const sink = { write };
    const logger = createLogger({ role: "worker", level: "warn", sink });
    setProcessLogger(logger);
    const skip = (request: HttpRequest) => request.path === "/skipped";
    const log = logging({
      ...{ format: "common", skip },
      level: (status) => (status < 400 ? "info" : "warn"),
    });
    const ask = (target: string, status: number) => {
      log(
        new HttpRequest({ target }),
        () => new HttpResponse(null, { status }),
      );
    };
    ask("/quiet", 200);
    ask("/skipped", 500);
    ask("/loud", 500);
    logger.warn("behind it"); // writes the lines that wait
    assert.equal(written.length, 2);
    assert.match(written[0] ?? "", /"GET \/loud HTTP\/1\.1" 500 -\n$/);
  });
});
