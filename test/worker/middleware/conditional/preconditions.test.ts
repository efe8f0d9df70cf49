import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import {
  evaluatePreconditions,
  type PreconditionResult,
  type Validators,
} from "../../../../src/worker/middleware/conditional/preconditions.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
// Half a second more than the field can say.
const lastModified = new Date(Date.parse(DATE) + 500);

type Fields = Readonly<Record<string, string>>;

function evaluate(
  fields: Fields,
  current: Validators | undefined,
  method = "GET",
): PreconditionResult {
  const request = new HttpRequest({ method, headers: fields });
  return evaluatePreconditions(request, current);
}

const strong: Validators = { etag: '"x"', lastModified };
const weak: Validators = { etag: 'W/"x"', lastModified };
const without: Validators = {};
const nothing = undefined;

describe("If-None-Match", () => {
  for (const [value, current, result] of [
    ['"x"', strong, "notModified"],
    ['W/"x"', strong, "notModified"],
    ['"x"', weak, "notModified"],
    ['"a", "x"', strong, "notModified"],
    ["*", strong, "notModified"],
    ["*", without, "notModified"],
    ["*", nothing, "proceed"],
    ['"y"', strong, "proceed"],
    ['"x"', without, "proceed"],
    ['"x"', nothing, "proceed"],
    ["x", strong, "proceed"],
  ] as const) {
    const what = `${value} of ${JSON.stringify(current?.etag)}`;
    it(`§13.1.2 ${what}: ${result}`, () => {
      const fields = { "If-None-Match": value };
      assert.equal(evaluate(fields, current), result);
      assert.equal(evaluate(fields, current, "HEAD"), result);
      // Of other methods it is a 412, not a 304.
      const ofPut = result === "notModified" ? "failed" : result;
      assert.equal(evaluate(fields, current, "PUT"), ofPut);
    });
  }
});

describe("If-Modified-Since", () => {
  for (const [value, current, result] of [
    [DATE, strong, "notModified"],
    [LATER, strong, "notModified"],
    [EARLIER, strong, "proceed"],
    ["yesterday", strong, "proceed"],
    [`${DATE}, ${DATE}`, strong, "proceed"],
    [LATER, without, "proceed"],
    [LATER, nothing, "proceed"],
  ] as const) {
    it(`§13.1.3 ${value} of ${JSON.stringify(current)}: ${result}`, () => {
      const fields = { "If-Modified-Since": value };
      assert.equal(evaluate(fields, current), result);
      assert.equal(evaluate(fields, current, "HEAD"), result);
      assert.equal(evaluate(fields, current, "POST"), "proceed");
    });
  }

  it("§13.1.3 is not looked at where there is If-None-Match", () => {
    const old = { "If-None-Match": '"y"', "If-Modified-Since": LATER };
    assert.equal(evaluate(old, strong), "proceed");
    const same = { "If-None-Match": '"x"', "If-Modified-Since": EARLIER };
    assert.equal(evaluate(same, strong), "notModified");
  });
});

describe("If-Match", () => {
  for (const [value, current, result] of [
    ['"x"', strong, "proceed"],
    ['"a", "x"', strong, "proceed"],
    ["*", without, "proceed"],
    ["*", nothing, "failed"],
    ['W/"x"', strong, "failed"],
    ['"x"', weak, "failed"],
    ['W/"x"', weak, "failed"],
    ['"y"', strong, "failed"],
    ['"x"', without, "failed"],
    ["x", strong, "failed"],
  ] as const) {
    const what = `${value} of ${JSON.stringify(current?.etag)}`;
    it(`§13.1.1 ${what}: ${result}`, () => {
      for (const method of ["PUT", "DELETE", "GET"]) {
        assert.equal(evaluate({ "If-Match": value }, current, method), result);
      }
    });
  }
});

describe("If-Unmodified-Since", () => {
  for (const [value, current, result] of [
    [DATE, strong, "proceed"],
    [LATER, strong, "proceed"],
    [EARLIER, strong, "failed"],
    ["yesterday", strong, "proceed"],
    [EARLIER, without, "proceed"],
    [EARLIER, nothing, "proceed"],
  ] as const) {
    it(`§13.1.4 ${value} of ${JSON.stringify(current)}: ${result}`, () => {
      const fields = { "If-Unmodified-Since": value };
      assert.equal(evaluate(fields, current, "PUT"), result);
      assert.equal(evaluate(fields, current), result);
    });
  }

  it("§13.1.4 is not looked at where there is If-Match", () => {
    const fields = { "If-Match": '"x"', "If-Unmodified-Since": EARLIER };
    assert.equal(evaluate(fields, strong, "PUT"), "proceed");
  });
});

describe("several conditions", () => {
  it("§13.2.2 fail before they say that nothing was modified", () => {
    const fields = { "If-Match": '"y"', "If-None-Match": '"x"' };
    assert.equal(evaluate(fields, strong), "failed");
  });

  it("§13.2.2 may all hold", () => {
    const fields = { "If-Match": '"x"', "If-None-Match": '"x"' };
    assert.equal(evaluate(fields, strong), "notModified");
  });

  it("§13.2.1 are nothing to OPTIONS, TRACE and CONNECT", () => {
    for (const method of ["OPTIONS", "TRACE", "CONNECT"]) {
      const fields = { "If-Match": '"y"', "If-None-Match": "*" };
      assert.equal(evaluate(fields, strong, method), "proceed");
    }
  });

  it("are not there: proceed", () => {
    assert.equal(evaluate({}, strong), "proceed");
  });
});
