import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";

const defaults = new HttpHeaders([
  ["X-A", "1"],
  ["X-A", "2"],
  ["X-B", "3"],
]).freeze();

const linesOf = ({ headers }: HttpResponse) => [...headers].join(" ");

describe("addMissing()", () => {
  it("adds all lines of names that are not there", () => {
    const response = new HttpResponse(null, { headers: { "x-b": "own" } });
    assert.equal(response.addMissing(defaults), response);
    assert.equal(linesOf(response), "x-b,own x-a,1 x-a,2");
  });

  it("adds them to a response that has none, and to itself alone", () => {
    const response = new HttpResponse().addMissing(defaults);
    assert.equal(response.fields, defaults);
    response.with("X-B", "own");
    assert.equal(linesOf(response), "x-a,1 x-a,2 x-b,own");
    assert.equal(defaults.get("X-B"), "3");
  });

  it("makes what frozen fields come to once", () => {
    const [one, other] = [ok("a"), ok("b")];
    assert.equal(
      one.addMissing(defaults).fields,
      other.addMissing(defaults).fields,
    );
    one.with("X-B", "own");
    assert.match(linesOf(one), /^content-type,text.* x-b,own$/);
    assert.match(linesOf(other), /^content-type,text.* x-a,1 x-a,2 x-b,3$/);
  });

  it("does not change shared fields that are not frozen", () => {
    const shared = new HttpHeaders({ "X-Own": "1" });
    const response = new HttpResponse(null, { headers: shared });
    response.addMissing(defaults);
    assert.equal(shared.size, 1);
    assert.equal(response.headers.size, 4);
  });
});
