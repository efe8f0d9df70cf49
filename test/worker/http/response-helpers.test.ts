import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import type { HttpResponse } from "../../../src/worker/http/http-response.ts";
import * as responses from "../../../src/worker/http/response-helpers.ts";

const { ok, created, redirect, problem, stream, json } = responses;

function typeOf(response: HttpResponse): string | undefined {
  return response.headers.get("content-type");
}

describe("content in its natural form", () => {
  it("is text for a string", () => {
    assert.equal(ok("é").body, "é");
    assert.equal(typeOf(ok("é")), "text/plain; charset=utf-8");
  });

  it("is octets for bytes", () => {
    const bytes = Buffer.from("a");
    assert.equal(ok(bytes).body, bytes);
    assert.equal(typeOf(ok(bytes)), "application/octet-stream");
  });

  it("is JSON for everything else", () => {
    for (const value of [{ a: [1] }, [1], 7, true, null]) {
      assert.equal(ok(value).body, JSON.stringify(value));
      assert.equal(typeOf(ok(value)), "application/json");
    }
  });

  it("is nothing for nothing", () => {
    assert.equal(ok().body, null);
    assert.equal(typeOf(ok()), undefined);
  });

  it("is an error for what has no JSON form", () => {
    assert.throws(() => json(() => 1), /a function has no JSON form/);
    assert.throws(() => ok(1n), TypeError);
  });
});

describe("the short names", () => {
  it("have their status", () => {
    const statuses = [
      [ok(), 200],
      [created(), 201],
      [responses.accepted(), 202],
      [responses.noContent(), 204],
      [redirect("/"), 302],
      [responses.badRequest(), 400],
      [responses.unauthorized(), 401],
      [responses.forbidden(), 403],
      [responses.notFound(), 404],
      [responses.methodNotAllowed(["GET"]), 405],
      [responses.conflict(), 409],
      [responses.tooManyRequests(1), 429],
      [responses.serverError(), 500],
      [responses.serviceUnavailable(), 503],
      [json({}, 418), 418],
      [responses.text("", 404), 404],
      [responses.html("", 404), 404],
    ] as const;
    for (const [response, status] of statuses) {
      assert.equal(response.status, status);
    }
  });

  it("have the fields that go with it", () => {
    const { methodNotAllowed, tooManyRequests } = responses;
    const { unauthorized, serviceUnavailable } = responses;
    const fields = [
      [created({}, "/users/1"), "Location", "/users/1"],
      [redirect("/a", 308), "Location", "/a"],
      [unauthorized("Bearer"), "WWW-Authenticate", "Bearer"],
      [methodNotAllowed(["GET", "PUT"]), "Allow", "GET, PUT"],
      [tooManyRequests(1.2), "Retry-After", "2"],
      [serviceUnavailable(5), "Retry-After", "5"],
    ] as const;
    for (const [response, name, value] of fields) {
      assert.equal(response.headers.get(name), value);
    }
  });

  it("share nothing that one of them could change", () => {
    ok({}).with("Content-Type", "text/plain").with("X", "1");
    assert.equal(typeOf(ok({})), "application/json");
    assert.equal(ok({}).headers.has("X"), false);
  });
});

describe("a redirect", () => {
  it("is one of the five statuses", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      assert.equal(redirect("/", status).status, status);
    }
    for (const status of [200, 300, 304, 400]) {
      assert.throws(() => redirect("/", status), RangeError);
    }
  });

  it("goes to no place that splits the response", () => {
    assert.throws(() => redirect("/a\r\nSet-Cookie: x=1"), TypeError);
    assert.throws(() => created({}, "/\n"), TypeError);
  });
});

describe("a stream", () => {
  it("keeps its source as the body, with a type", () => {
    const source = Readable.from(["a"]);
    const response = stream(source);
    assert.equal(response.body, source);
    assert.equal(typeOf(response), "application/octet-stream");
    assert.equal(typeOf(stream(source, "text/csv")), "text/csv");
  });
});

describe("a problem (RFC 9457)", () => {
  const contentOf = (response: HttpResponse) =>
    JSON.parse(String(response.body));

  it("has title, status and detail", () => {
    const response = problem(409, "it is taken");
    assert.equal(typeOf(response), "application/problem+json");
    assert.deepEqual(contentOf(response), {
      title: "Conflict",
      status: 409,
      detail: "it is taken",
    });
  });

  it("says nothing twice", () => {
    const expected = { title: "Not Found", status: 404 };
    assert.deepEqual(contentOf(problem(404)), expected);
    assert.deepEqual(contentOf(problem(404, "Not Found")), expected);
  });

  it("has a title also for a status without a registered one", () => {
    assert.deepEqual(contentOf(problem(499)), {
      title: "Client Closed Request",
      status: 499,
    });
    assert.deepEqual(contentOf(problem(599)), { title: "Error", status: 599 });
  });
});
