import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseStickyField } from "../../../src/shared/config/sticky-field.ts";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { sessionIn } from "../../../src/worker/sticky/session-in.ts";
import { sessionOf } from "../../../src/worker/sticky/session-of.ts";

function named(
  setting: string,
  target: string,
  fields: Record<string, string> = {},
): string | undefined {
  const field = parseStickyField(setting);
  assert.ok(field);
  return sessionOf({ target, headers: new HttpHeaders(fields) }, field);
}

function begun(
  setting: string,
  body: string | Uint8Array | AsyncIterable<string> | null,
  init = {},
): string | undefined {
  const field = parseStickyField(setting);
  assert.ok(field);
  return sessionIn(new HttpResponse(body, init), field);
}

describe("the setting", () => {
  for (const [text, field] of [
    ["query:sid", { part: "query", name: "sid" }],
    ["header:X-Session", { part: "header", name: "X-Session" }],
    ["cookie:__Host-worker", { part: "cookie", name: "__Host-worker" }],
    ["off", undefined],
    ["query:", undefined],
    ["query:a&b", undefined],
    ["cookie:a b", undefined],
    ["cookie:a;b", undefined],
    ["field:a", undefined],
    ["", undefined],
  ] as const) {
    test(`${JSON.stringify(text)} ${field ? "names" : "names no"} field`, () => {
      assert.deepEqual(parseStickyField(text), field);
    });
  }
});

describe("the session of a request", () => {
  test("is a parameter of its query", () => {
    assert.equal(named("query:sid", "/a?EIO=4&sid=abc&t=1"), "abc");
    assert.equal(named("query:sid", "/a?sid=a%2Bb"), "a+b");
    assert.equal(named("query:sid", "/a?sid=one&sid=two"), "one");
  });

  test("is a field, or a cookie", () => {
    assert.equal(named("header:X-S", "/", { "x-s": "abc" }), "abc");
    assert.equal(named("cookie:w", "/", { Cookie: "v=1; w=2; w=3" }), "2");
  });

  test("is none where it is not named, empty or too long", () => {
    for (const target of ["/", "/sid", "/?asid=1", "/?sid", "/?sid=", "/#?"]) {
      assert.equal(named("query:sid", target), undefined, target);
    }
    const long = "x".repeat(257);
    assert.equal(named("query:sid", `/?sid=${long}`), undefined);
    assert.equal(named("header:X-S", "/", { "X-S": long }), undefined);
    assert.equal(named("cookie:w", "/", { Cookie: `w=${long}` }), undefined);
    assert.equal(named("cookie:w", "/"), undefined);
    assert.equal(named("cookie:__proto__", "/", { Cookie: "a=b" }), undefined);
  });
});

describe("the session that a response begins", () => {
  const HANDSHAKE = '0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"]}';

  test("is in its JSON, as in the handshake of Socket.IO", () => {
    for (const body of [HANDSHAKE, Buffer.from(HANDSHAKE)]) {
      assert.equal(begun("query:sid", body), "lv_VI97HAXpY6yYWAAAC");
    }
    assert.equal(begun("query:sid", '{ "sid": "a" }'), "a");
  });

  test("is in its head", () => {
    const init = { headers: { "X-Session": "abc" } };
    assert.equal(begun("header:X-Session", null, init), "abc");
  });

  test("is none of an error, or where nothing names it", () => {
    assert.equal(begun("query:sid", HANDSHAKE, { status: 400 }), undefined);
    for (const body of [
      ...[null, "", "sid", '"sid":', '"sid":"', '"sid":1', '"sid":""'],
      ...['"sid":"a\\"b"', `"sid":"${"x".repeat(257)}"`],
      `${" ".repeat(1_024)}${HANDSHAKE}`,
    ]) {
      assert.equal(begun("query:sid", body), undefined, String(body));
    }
  });

  test("is none of a stream", () => {
    async function* stream() {
      yield HANDSHAKE;
    }
    assert.equal(begun("query:sid", stream()), undefined);
  });
});
