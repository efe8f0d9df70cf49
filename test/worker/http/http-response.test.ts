import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ResponseBuilder } from "../../../src/worker/http/response-builder.ts";

describe("a response", () => {
  it("is 200 without a body unless it says otherwise", () => {
    const response = new HttpResponse();
    assert.equal(response.status, 200);
    assert.equal(response.reason, undefined);
    assert.equal(response.body, null);
    assert.equal(response.fields, undefined);
    assert.equal(response.headers.size, 0);
  });

  it("has a status of 200 to 599: others are the server's", () => {
    for (const status of [200, 299, 499, 599]) {
      assert.equal(new HttpResponse(null, { status }).status, status);
    }
    for (const status of [100, 101, 199, 600, 0, -1, 200.5, Number.NaN]) {
      assert.throws(() => new HttpResponse(null, { status }), RangeError);
    }
  });

  it("has a reason that splits nothing", () => {
    const response = new HttpResponse(null, { reason: "All\tis w\xe9ll" });
    assert.equal(response.reason, "All\tis w\xe9ll");
    for (const reason of ["a\r\nb", "a\nb", "a\0b", "ж"]) {
      assert.throws(() => new HttpResponse(null, { reason }), TypeError);
    }
  });

  it("has fields that split nothing", () => {
    const headers = { "X-A": "a\r\nSet-Cookie: b" };
    assert.throws(() => new HttpResponse(null, { headers }), TypeError);
    const response = new HttpResponse();
    assert.throws(() => response.with("X-A", "a\nb"), TypeError);
    assert.throws(() => response.headers.append("X\r\n", "a"), TypeError);
  });

  it("copies fields that others share before it changes them", () => {
    const shared = new HttpHeaders({ A: "1" }).freeze();
    const response = new HttpResponse(null, { headers: shared });
    assert.equal(response.fields, shared);
    response.with("A", "2");
    assert.equal(response.headers.get("A"), "2");
    assert.equal(shared.get("A"), "1");
    assert.equal(new HttpResponse(null, { headers: shared }).fields, shared);
  });
});

describe("a response builder", () => {
  it("builds step by step", () => {
    const response = new ResponseBuilder()
      .status(201, "Made")
      .header("ETag", '"7"')
      .append("Set-Cookie", "a=1")
      .append("Set-Cookie", "b=2")
      .json({ a: 1 });
    assert.equal(response.status, 201);
    assert.equal(response.reason, "Made");
    assert.equal(response.body, '{"a":1}');
    assert.equal(response.headers.get("etag"), '"7"');
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(response.headers.getAll("set-cookie"), ["a=1", "b=2"]);
  });

  it("gives text, HTML, any body and none", () => {
    const typeOf = (response: HttpResponse) =>
      response.headers.get("content-type");
    const build = () => new ResponseBuilder();
    assert.equal(typeOf(build().text("a")), "text/plain; charset=utf-8");
    assert.equal(typeOf(build().html("a")), "text/html; charset=utf-8");
    assert.equal(typeOf(build().body("a")), undefined);
    assert.equal(build().empty().body, null);
    assert.equal(build().status(404).empty().status, 404);
  });

  it("leaves a type alone that was given", () => {
    const builder = new ResponseBuilder();
    const response = builder.header("content-type", "text/csv").text("a,b");
    assert.deepEqual(response.headers.getAll("Content-Type"), ["text/csv"]);
  });

  it("gives responses that do not change one another", () => {
    const builder = new ResponseBuilder().header("A", "1");
    const [first, second] = [builder.body("x"), builder.body("y")];
    first.with("A", "2");
    builder.header("A", "3");
    assert.equal(second.headers.get("A"), "1");
  });

  it("throws what the response throws", () => {
    const build = () => new ResponseBuilder();
    assert.throws(() => build().header("A", "a\r\nb"), TypeError);
    assert.throws(() => build().append("A b", "a"), TypeError);
    assert.throws(() => build().status(199).empty(), RangeError);
    assert.throws(() => build().status(200, "a\r\n").empty(), TypeError);
    assert.throws(() => build().json(undefined), TypeError);
  });
});
