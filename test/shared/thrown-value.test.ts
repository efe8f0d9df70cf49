import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  describeThrown,
  messageOf,
  stackOf,
} from "../../src/shared/thrown-value.ts";
import { thrownKinds, thrownOf } from "../support/thrown-of.ts";

describe("what an app has thrown", () => {
  it("is described as plain and bounded values, whatever it is", () => {
    for (const kind of thrownKinds) {
      const thrown = thrownOf(kind, "x".repeat(1_000_000));
      const record = describeThrown(thrown);
      const json = JSON.stringify(record);
      assert.ok(json.length < 100_000, `${kind}: ${json.length}`);
      assert.equal(typeof record.type, "string", kind);
      assert.equal(typeof record.message, "string", kind);
      assert.ok(messageOf(thrown).length < 5_000, kind);
      assert.ok((stackOf(thrown) ?? "").length < 20_000, kind);
    }
  });

  it("keeps the type, causes and fields of an error", () => {
    const cause = new TypeError("deep");
    const fields = { code: "E_HIGH", detail: { at: 1 }, fail: () => {} };
    const error = Object.assign(new RangeError("high", { cause }), fields);
    const {
      type,
      message,
      stack = "",
      code,
      detail,
      ...others
    } = describeThrown(error);
    assert.equal(type, "RangeError");
    assert.equal(message, "high: deep");
    assert.match(
      stack,
      /^RangeError: high\n(?:.*\n)*caused by: TypeError: deep\n/,
    );
    assert.deepEqual({ code, detail }, { code: "E_HIGH", detail: { at: 1 } });
    assert.deepEqual(others, {});
  });

  it("leaves the error itself as it is", () => {
    const error = Object.freeze(new Error("frozen"));
    describeThrown(error);
    assert.deepEqual(Object.keys(error), []);
  });

  it("says what it is where it is no error", () => {
    assert.deepEqual(describeThrown("text"), {
      type: "string",
      message: "text",
    });
    assert.deepEqual(describeThrown(undefined), {
      type: "undefined",
      message: "undefined",
    });
    assert.equal(describeThrown({ a: 1 }).message, "{ a: 1 }");
  });
});
