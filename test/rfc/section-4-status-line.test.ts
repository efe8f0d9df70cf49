/** RFC 9112 §4: status lines. */
import assert from "node:assert/strict";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { connect, requestOf } from "../worker/http1/test-connection.ts";
import { rule } from "./rule.ts";

function firstLineOf(response: HttpResponse, request = requestOf("GET /")) {
  const { client } = connect(() => response);
  client.receive(request);
  return client.sent.slice(0, client.sent.indexOf("\r\n"));
}

const registered: [status: number, reason: string][] = [
  [200, "OK"],
  [203, "Non-Authoritative Information"],
  [404, "Not Found"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [422, "Unprocessable Content"],
  [431, "Request Header Fields Too Large"],
  [505, "HTTP Version Not Supported"],
];
rule("responses/status-line", "§4 has version, status and reason", () => {
  for (const [status, reason] of registered) {
    const line = firstLineOf(new HttpResponse(null, { status }));
    assert.equal(line, `HTTP/1.1 ${status} ${reason}`);
  }
});

rule("responses/status-line", "§4 keeps the space without a reason", () => {
  for (const [init, line] of [
    [{ status: 299 }, "HTTP/1.1 299 "],
    [{ reason: "" }, "HTTP/1.1 200 "],
  ] as const) {
    assert.equal(firstLineOf(new HttpResponse(null, init)), line);
  }
});

rule("responses/status-line", "§4 may have a reason of one's own", () => {
  const reason = "Fine, \xe9\t";
  const line = firstLineOf(new HttpResponse(null, { reason }));
  assert.equal(line, `HTTP/1.1 200 ${reason}`);
});

rule("responses/status-line", "§2.3 says 1.1 to whatever version", () => {
  for (const version of ["1.0", "1.1", "1.9"]) {
    const request = `GET / HTTP/${version}\r\nHost: h\r\n\r\n`;
    assert.equal(firstLineOf(new HttpResponse(), request), "HTTP/1.1 200 OK");
  }
});
