import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatHttpDate,
  parseHttpDate,
} from "../../../../src/worker/middleware/conditional/http-date.ts";

const NOVEMBER_6 = Date.UTC(1994, 10, 6, 8, 49, 37);

describe("an HTTP-date", () => {
  for (const text of [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ]) {
    it(`§5.6.7 may be written ${text}`, () => {
      assert.equal(parseHttpDate(text), NOVEMBER_6);
    });
  }

  it("§5.6.7 is written in the first form", () => {
    assert.equal(formatHttpDate(NOVEMBER_6), "Sun, 06 Nov 1994 08:49:37 GMT");
  });

  it("§5.6.7 of two digits is at most 50 years ahead", () => {
    const now = Date.UTC(2030, 0, 1);
    const yearOf = (text: string) =>
      new Date(parseHttpDate(text, now) as number).getUTCFullYear();
    assert.equal(yearOf("Sunday, 06-Nov-80 08:49:37 GMT"), 2080);
    assert.equal(yearOf("Sunday, 06-Nov-81 08:49:37 GMT"), 1981);
  });

  it("may be in a leap second", () => {
    const text = "Sat, 31 Dec 2016 23:59:60 GMT";
    assert.equal(parseHttpDate(text), Date.UTC(2017, 0, 1));
  });

  for (const text of [
    "",
    "yesterday",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Wed, 30 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(parseHttpDate(text), undefined);
    });
  }
});
