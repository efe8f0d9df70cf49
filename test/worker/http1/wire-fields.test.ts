import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type HeadersInit,
  HttpHeaders,
} from "../../../src/worker/http/fields/http-headers.ts";
import { wireFields } from "../../../src/worker/http1/wire-fields.ts";

const wireOf = (init: HeadersInit) => wireFields(new HttpHeaders(init));

describe("the fields of a response", () => {
  test("go out in order, with their names as given", () => {
    const { lines } = wireOf([
      ["X-B", "1"],
      ["x-a", "2"],
      ["X-B", "3"],
    ]);
    assert.equal(lines, "X-B: 1\r\nx-a: 2\r\nX-B: 3\r\n");
  });

  test("RFC 9110 §7.8 say of Upgrade that it is for the next hop", () => {
    const { lines } = wireOf({ Upgrade: "websocket" });
    assert.equal(lines, "Upgrade: websocket\r\nConnection: Upgrade\r\n");
  });

  test("RFC 6265 §3 of Set-Cookie stay lines of their own", () => {
    const { lines } = wireOf({ "Set-Cookie": ["a=1", "b=2"] });
    assert.equal(lines, "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
  });

  test("may be none", () => {
    for (const wire of [wireFields(undefined), wireOf({})]) {
      assert.equal(wire.lines, "");
      assert.equal(wire.hasDate, false);
      assert.equal(wire.hasServer, false);
      assert.equal(wire.closes, false);
      assert.equal(wire.declaredLength, undefined);
    }
  });

  test("leave the connection's own to the encoder", () => {
    const wire = wireOf({ CONNECTION: "x", "content-LENGTH": "5", A: "1" });
    assert.equal(wire.lines, "A: 1\r\n");
    assert.equal(wire.declaredLength, 5);
  });

  test("RFC 9110 §6.6.1 may bring a Date and a Server", () => {
    const wire = wireOf({ date: "then", SERVER: "mine" });
    assert.equal(wire.hasDate, true);
    assert.equal(wire.hasServer, true);
    assert.equal(wire.lines, "date: then\r\nSERVER: mine\r\n");
  });

  test("are put together again once they change", () => {
    const headers = new HttpHeaders({ A: "1" });
    assert.equal(wireFields(headers), wireFields(headers));
    assert.equal(wireFields(headers).lines, "A: 1\r\n");
    headers.append("B", "2");
    assert.equal(wireFields(headers).lines, "A: 1\r\nB: 2\r\n");
    headers.delete("a");
    assert.equal(wireFields(headers).lines, "B: 2\r\n");
  });
});

describe("Connection in a response", () => {
  const cases: [value: string | readonly string[], closes: boolean][] = [
    ["close", true],
    ["Close", true],
    ["keep-alive, close", true],
    ["close, x", true],
    ["x ,\tCLOSE\t, y", true],
    [["x", "close"], true],
    ["keep-alive", false],
    ["closed", false],
    ["not-close", false],
    ["close-not", false],
    ["", false],
  ];
  for (const [value, closes] of cases) {
    const shown = JSON.stringify(value);
    test(`§9.6 ${shown} ${closes ? "closes" : "does not close"}`, () => {
      assert.equal(wireOf({ Connection: value }).closes, closes);
    });
  }
});

describe("what a response may not have", () => {
  for (const value of ["", "x", "-1", "1.5", "0x1", "9007199254740992"]) {
    const shown = JSON.stringify(value);
    test(`RFC 9110 §8.6 Content-Length ${shown} is refused`, () => {
      assert.throws(() => wireOf({ "Content-Length": value }), TypeError);
    });
  }

  test("RFC 9110 §8.6 two Content-Lengths are refused", () => {
    assert.throws(() => wireOf({ "Content-Length": ["1", "1"] }), TypeError);
  });

  for (const value of ["chunked", "identity", "gzip, chunked"]) {
    test(`§6.1 Transfer-Encoding ${value} is the server's own`, () => {
      const init = { "transfer-ENCODING": value };
      assert.throws(() => wireOf(init), /set by the server alone/);
    });
  }
});
