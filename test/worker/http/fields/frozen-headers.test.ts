import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpHeaders } from "../../../../src/worker/http/fields/http-headers.ts";
import { wireFields } from "../../../../src/worker/http1/wire-fields.ts";

const GUARDS = new HttpHeaders({ "X-A": "1", "X-B": " 2 " }).freeze();
const MORE = new HttpHeaders({ More: "m" }).freeze();

/** What is sent; it must be what is said line by line. */
function linesOf(headers: HttpHeaders): string {
  let expected = "";
  headers.forEachLine((name, value) => {
    expected += `${name}: ${value}\r\n`;
  });
  const { lines } = wireFields(headers);
  assert.equal(lines, expected);
  return lines;
}

describe("fields that many answers share", () => {
  test("are added in their place, between those before and after", () => {
    const headers = new HttpHeaders({ First: "f" }).addMissing(GUARDS);
    assert.equal(linesOf(headers), "First: f\r\nX-A: 1\r\nX-B: 2\r\n");
    headers.append("Last", "l").addMissing(MORE);
    assert.equal(
      linesOf(headers),
      "First: f\r\nX-A: 1\r\nX-B: 2\r\nLast: l\r\nMore: m\r\n",
    );
    assert.equal(headers.size, 5);
    assert.equal(headers.get("x-b"), "2");
  });

  test("keep existing fields, in any case", () => {
    const headers = new HttpHeaders({ "x-b": "mine" }).addMissing(GUARDS);
    assert.equal(linesOf(headers), "x-b: mine\r\nX-A: 1\r\n");
    headers.addMissing(GUARDS);
    assert.equal(headers.size, 2);
  });

  test("replace existing fields if asked to", () => {
    const headers = new HttpHeaders({ First: "f" }).setAll(GUARDS);
    assert.equal(linesOf(headers), "First: f\r\nX-A: 1\r\nX-B: 2\r\n");
    const others = new HttpHeaders([
      ["x-b", "old"],
      ["X-B", "older"],
      ["First", "f"],
    ]);
    assert.equal(linesOf(others.setAll(GUARDS)), linesOf(headers));
  });

  test("can be changed and deleted as all others", () => {
    const headers = new HttpHeaders({ First: "f" }).addMissing(GUARDS);
    headers.set("X-A", "new");
    assert.equal(linesOf(headers), "First: f\r\nX-B: 2\r\nX-A: new\r\n");
    headers.addMissing(MORE);
    assert.equal(headers.delete("x-b"), true);
    headers.append("x-a", "too");
    assert.equal(
      linesOf(headers),
      "First: f\r\nX-A: new\r\nMore: m\r\nx-a: too\r\n",
    );
    assert.equal(linesOf(GUARDS), "X-A: 1\r\nX-B: 2\r\n");
  });

  test("are in copies, also where all is frozen", () => {
    const headers = new HttpHeaders().addMissing(GUARDS).freeze();
    const twice = new HttpHeaders(new HttpHeaders(headers).freeze());
    assert.equal(linesOf(twice), "X-A: 1\r\nX-B: 2\r\n");
    const copy = new HttpHeaders(headers).set("X-C", "3");
    assert.equal(linesOf(copy), "X-A: 1\r\nX-B: 2\r\nX-C: 3\r\n");
    assert.equal(linesOf(headers), "X-A: 1\r\nX-B: 2\r\n");
  });

  test("do not get into frozen ones", () => {
    const headers = new HttpHeaders().freeze();
    assert.throws(() => headers.addMissing(GUARDS), TypeError);
  });

  test("may be such that the encoder must know of", () => {
    const fields = { Date: "then", "Content-Length": "5", Connection: "close" };
    const defaults = new HttpHeaders(fields).freeze();
    const wire = wireFields(new HttpHeaders({ A: "1" }).addMissing(defaults));
    assert.equal(wire.lines, "A: 1\r\nDate: then\r\n");
    assert.equal(wire.hasDate, true);
    assert.equal(wire.declaredLength, 5);
    assert.equal(wire.closes, true);
  });

  test("RFC 9110 §7.8 name the next hop once where they name a protocol", () => {
    const defaults = new HttpHeaders({ Upgrade: "x" }).freeze();
    const { lines } = wireFields(new HttpHeaders(defaults));
    assert.equal(lines, "Upgrade: x\r\nConnection: Upgrade\r\n");
  });

  test("RFC 9112 §6.3 declare no second length", () => {
    const defaults = new HttpHeaders({ "Content-Length": "5" }).freeze();
    const both = new HttpHeaders(defaults).append("Content-Length", "5");
    assert.throws(() => wireFields(both), TypeError);
  });

  test("RFC 6265 §3 may have several lines of a name", () => {
    const cookies = new HttpHeaders({ "Set-Cookie": ["a=1", "b=2"] }).freeze();
    const headers = new HttpHeaders({ A: "1" }).addMissing(cookies);
    assert.equal(
      linesOf(headers),
      "A: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n",
    );
  });
});
