import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";

function cookiesOf(...fields: readonly string[]) {
  const request = new HttpRequest({ headers: { Cookie: fields } });
  return { ...request.cookies };
}

describe("the cookies of a request", () => {
  it("RFC 6265 §4.2.1 are pairs with a semicolon between them", () => {
    assert.deepEqual(cookiesOf("SID=31d4d96e407aad42; lang=en-US"), {
      SID: "31d4d96e407aad42",
      lang: "en-US",
    });
    assert.deepEqual(cookiesOf("a=1;b=2;;  c=3 ;\td=4\t"), {
      a: "1",
      b: "2",
      c: "3",
      d: "4",
    });
  });

  it("are none without a field, and read once", () => {
    const request = new HttpRequest();
    assert.deepEqual(Object.keys(request.cookies), []);
    const other = new HttpRequest({ headers: { Cookie: "a=1" } });
    assert.equal(other.cookies, other.cookies);
  });

  it("may come in several lines", () => {
    assert.deepEqual(cookiesOf("a=1", "b=2"), { a: "1", b: "2" });
  });

  it("§5.4 of one name are the first, that of the longest path", () => {
    assert.deepEqual(cookiesOf("id=deep; id=shallow", "id=last"), {
      id: "deep",
    });
  });

  it("have names with regard to case", () => {
    assert.deepEqual(cookiesOf("id=1; ID=2"), { id: "1", ID: "2" });
  });

  it("may have '=' in the value, and nothing", () => {
    assert.deepEqual(cookiesOf("a=b=c==; d="), { a: "b=c==", d: "" });
  });

  it("§4.1.1 lose the quotes around a value", () => {
    assert.deepEqual(cookiesOf('a="1 2"; b="; c="3'), {
      a: "1 2",
      b: '"',
      c: '"3',
    });
  });

  it("are percent-decoded where that gives text", () => {
    assert.deepEqual(cookiesOf("a=%C3%A9%3B; b=100%; c=%ff; d=a+b"), {
      a: "é;",
      b: "100%",
      c: "%ff",
      d: "a+b",
    });
  });

  it("need an '=' and a name", () => {
    assert.deepEqual(cookiesOf("alone; =value; a=1; ="), { a: "1" });
  });

  it("cannot be changed", () => {
    const { cookies } = new HttpRequest({ headers: { Cookie: "a=1" } });
    assert.throws(() => {
      (cookies as Record<string, string>).a = "2";
    }, TypeError);
  });

  it("are read in linear time, whatever they are", () => {
    const field = `a=${" \t".repeat(30_000)}x; ${";=".repeat(30_000)}`;
    const startedAt = performance.now();
    cookiesOf(field, '"'.repeat(60_000), `b=${"%".repeat(60_000)}`);
    assert.ok(performance.now() - startedAt < 1_000);
  });
});
