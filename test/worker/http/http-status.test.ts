import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { describe, it } from "node:test";
import {
  HttpStatus,
  reasonPhrase,
} from "../../../src/worker/http/http-status.ts";

// Node has the names of RFC 2616 and 4918 for these, and one that is a joke.
const RENAMED_SINCE: Readonly<Record<number, string>> = {
  413: "Content Too Large",
  422: "Unprocessable Content",
  418: "",
  509: "",
};

describe("the reason phrase of a status", () => {
  for (const [status, phrase] of Object.entries(STATUS_CODES)) {
    it(`${status} is that of the registry`, () => {
      const expected = RENAMED_SINCE[Number(status)] ?? phrase;
      assert.equal(reasonPhrase(Number(status)), expected);
    });
  }

  it("that is not registered is empty", () => {
    for (const status of [0, 299, 418, 600]) {
      assert.equal(reasonPhrase(status), "");
    }
  });
});

describe("the statuses", () => {
  it("have a name each", () => {
    const codes = Object.values(HttpStatus);
    assert.equal(new Set(codes).size, codes.length);
    for (const code of codes) assert.notEqual(reasonPhrase(code), "");
  });
});
