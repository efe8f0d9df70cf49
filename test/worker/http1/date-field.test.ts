import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { dateField } from "../../../src/worker/http1/date-field.ts";

// RFC 9110 §5.6.7: IMF-fixdate
const IMF_FIXDATE =
  /^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n$/;

describe("Date", () => {
  afterEach(() => mock.timers.reset());

  test("RFC 9110 §5.6.7 is an IMF-fixdate", () => {
    assert.match(dateField(), IMF_FIXDATE);
    const now = Date.UTC(1994, 10, 6, 8, 49, 37, 999);
    mock.timers.enable({ apis: ["Date"], now });
    assert.equal(dateField(), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  });

  test("RFC 9110 §6.6.1 is made anew with each second", () => {
    mock.timers.enable({
      apis: ["Date"],
      now: Date.UTC(2024, 1, 29, 23, 59, 58),
    });
    assert.match(dateField(), /Thu, 29 Feb 2024 23:59:58 GMT/);
    mock.timers.setTime(Date.UTC(2024, 1, 29, 23, 59, 58, 999));
    assert.match(dateField(), /Thu, 29 Feb 2024 23:59:58 GMT/);
    mock.timers.setTime(Date.UTC(2024, 1, 29, 23, 59, 59, 0));
    assert.match(dateField(), /Thu, 29 Feb 2024 23:59:59 GMT/);
    mock.timers.setTime(Date.UTC(2024, 2, 1));
    assert.match(dateField(), /Fri, 01 Mar 2024 00:00:00 GMT/);
  });

  test("RFC 9110 §6.6.1 follows a clock that is set back", () => {
    mock.timers.enable({ apis: ["Date"], now: Date.UTC(2024, 0, 1, 12) });
    dateField();
    mock.timers.setTime(Date.UTC(2024, 0, 1, 11));
    assert.match(dateField(), /11:00:00 GMT/);
  });
});
