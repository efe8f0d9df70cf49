import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import fc from "fast-check";
import {
  HttpResponse,
  type ResponseBody,
} from "../../../src/worker/http/http-response.ts";
import { openConnection, settled } from "../../support/open-connection.ts";
import type { ReceivedResponse } from "../../support/response-reader.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import {
  contentOf,
  type MadeResponse,
  madeResponse,
} from "../inputs/made-response.ts";
import { responsesIn } from "../responses-in.ts";

interface MadeExchange {
  readonly method: "GET" | "HEAD";
  readonly version: "1.0" | "1.1";
  readonly response: MadeResponse;
}

export const responses = fuzzProperty<MadeExchange[]>({
  name: "responses",
  sentence: "what a handler answers is what its client reads",
  inputs: fc.array(
    fc.record({
      method: fc.constantFrom("GET", "GET", "HEAD"),
      version: fc.constantFrom("1.1", "1.1", "1.0"),
      response: madeResponse,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  check: async (exchanges) => {
    const answers = exchanges.map(({ response }) => response);
    const { client } = openConnection(() => {
      return httpResponseOf(answers.shift() as MadeResponse);
    });
    client.receive(exchanges.map(requestOf).join(""));
    await settled();
    const methods = exchanges.map(({ method }) => method);
    const { responses, isPartial } = responsesIn(client.sent, methods);
    assert.equal(isPartial, client.ending === "reset");
    for (const [index, response] of responses.entries()) {
      const exchange = exchanges[index] as MadeExchange;
      assertAsMade(response, exchange);
      const isLast = index === responses.length - 1;
      assert.equal(response.closes, isLast && client.ending === "fin");
    }
    const count = responses.length + Number(isPartial);
    assert.equal(count, answeredCount(exchanges));
    client.leave();
    await settled();
  },
});

function requestOf({ method, version }: MadeExchange): string {
  const connection = version === "1.0" ? "Connection: keep-alive\r\n" : "";
  return `${method} / HTTP/${version}\r\nHost: h\r\n${connection}\r\n`;
}

function httpResponseOf(made: MadeResponse): HttpResponse {
  const { status, reason } = made;
  const response = new HttpResponse(bodyOf(made), {
    status,
    headers: made.fields,
    ...(reason === null ? {} : { reason }),
  });
  const declared = declaredLength(made);
  if (declared === undefined) return response;
  return response.with("Content-Length", String(declared));
}

function declaredLength(made: MadeResponse): number | undefined {
  if (made.declares === "none") return undefined;
  return contentOf(made).length + Number(made.declares === "wrong");
}

function bodyOf({ body }: MadeResponse): ResponseBody {
  switch (body.type) {
    case "none":
      return null;
    case "text":
      return body.content;
    case "bytes":
      return Buffer.from(body.content, "latin1");
    case "generator":
      return generated(body.pieces);
    case "readable":
      return Readable.from(generated(body.pieces));
    case "webStream":
      return ReadableStream.from(generated(body.pieces));
    default:
      return body satisfies never;
  }
}

async function* generated(pieces: readonly string[]) {
  for (const piece of pieces) yield Buffer.from(piece, "latin1");
}

function assertAsMade(
  received: ReceivedResponse,
  { method, version, response: made }: MadeExchange,
): void {
  if (isWrong(made, method)) {
    assert.equal(received.status, 500);
    return;
  }
  assert.equal(received.status, made.status);
  if (made.reason !== null) assert.equal(received.reason, made.reason);
  const names = new Set(made.fields.map(([name]) => name.toLowerCase()));
  const own = received.fields.filter(([name]) => names.has(name.toLowerCase()));
  const trimmed = made.fields.map(([name, value]) => {
    return [name, value.replace(/^[ \t]+|[ \t]+$/g, "")];
  });
  assert.deepEqual(own, trimmed);
  assert.ok(received.headers.date !== undefined);
  const hasContent = method === "GET" && mayHaveContent(made);
  const content = hasContent ? contentOf(made) : "";
  assert.equal(received.body.toString("latin1"), content);
  assertFraming(received, { method, version, response: made });
}

/** RFC 9112 §6: a known length, else chunks, else a close. */
function assertFraming(
  { headers }: ReceivedResponse,
  { version, response: made }: MadeExchange,
): void {
  const length = headers["content-length"];
  const coding = headers["transfer-encoding"];
  if (made.status === 204) assert.equal(length, undefined);
  if (!mayHaveContent(made)) {
    assert.equal(coding, undefined);
    return;
  }
  const isKnown = !("pieces" in made.body) || made.declares !== "none";
  assert.equal(length !== undefined, isKnown);
  const isChunked = !isKnown && version === "1.1";
  assert.equal(coding, isChunked ? "chunked" : undefined);
}

function mayHaveContent({ status }: MadeResponse): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}

/** Whether a complete body differs from the declared length. */
function isWrong(made: MadeResponse, method: string): boolean {
  const declared = declaredLength(made);
  const { status, body } = made;
  if (declared === undefined || status === 204 || status === 304) return false;
  if (body.type === "none" && method === "HEAD") return false;
  if (status === 205) return declared !== 0;
  return !("pieces" in body) && made.declares === "wrong";
}

/** Whether a body in pieces differs from the declared length. */
function isCutOff({ method, response: made }: MadeExchange): boolean {
  const isSent = method === "GET" && mayHaveContent(made);
  return isSent && "pieces" in made.body && made.declares === "wrong";
}

/** Number of answered requests, including one whose response is cut off. */
function answeredCount(exchanges: readonly MadeExchange[]): number {
  const end = exchanges.findIndex((exchange) => {
    return isCutOff(exchange) || endsByClose(exchange);
  });
  return end < 0 ? exchanges.length : end + 1;
}

function endsByClose({ version, response: made }: MadeExchange): boolean {
  const isUnknown = "pieces" in made.body && made.declares === "none";
  return version === "1.0" && isUnknown && mayHaveContent(made);
}
