import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  HttpError,
  RequestAborted,
  statusOfError,
} from "../../../src/worker/http/http-error.ts";

describe("an HttpError", () => {
  it("has a status, a message for the client, and a cause", () => {
    const cause = new Error("inner");
    const error = new HttpError(409, "it is taken", { cause });
    assert.ok(error instanceof Error);
    assert.equal(error.name, "HttpError");
    assert.equal(error.status, 409);
    assert.equal(error.message, "it is taken");
    assert.equal(error.cause, cause);
    assert.equal(error.headers, undefined);
  });

  it("says the reason phrase where it has nothing else to say", () => {
    assert.equal(new HttpError(404).message, "Not Found");
  });

  it("may bring fields", () => {
    const headers = { "Retry-After": 3 };
    assert.equal(new HttpError(503, "later", { headers }).headers, headers);
  });

  it("is 400 to 599", () => {
    for (const status of [200, 399, 600, 400.5, Number.NaN]) {
      assert.throws(() => new HttpError(status), RangeError);
    }
  });
});

describe("the status that an error becomes", () => {
  it("is its own, 499 for an aborted request, else 500", () => {
    assert.equal(statusOfError(new HttpError(418)), 418);
    assert.equal(statusOfError(new RequestAborted("gone")), 499);
    assert.equal(statusOfError(new Error("broken")), 500);
    assert.equal(statusOfError("text"), 500);
  });
});
