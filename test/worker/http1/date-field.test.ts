import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { dateField } from "../../../src/worker/http1/response-encoder.ts";

// RFC 9110 §5.6.7: IMF-fixdate
const IMF_FIXDATE =
  /^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n$/;

const AT = Date.UTC(2024, 1, 29, 23, 59, 58);

/** The field at a wall clock's time, which the monotonic one follows. */
function fieldAt(wallMs: number, now = wallMs - AT): string {
  mock.timers.setTime(wallMs);
  return dateField(now);
}

describe("Date", () => {
  afterEach(() => mock.timers.reset());

  test("RFC 9110 §5.6.7 is an IMF-fixdate", () => {
    assert.match(dateField(performance.now()), IMF_FIXDATE);
    const now = Date.UTC(1994, 10, 6, 8, 49, 37, 999);
    mock.timers.enable({ apis: ["Date"], now });
    const later = performance.now() + 2000;
    assert.equal(dateField(later), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  });

  test("RFC 9110 §6.6.1 is made anew with each second", () => {
    mock.timers.enable({ apis: ["Date"], now: AT });
    assert.match(fieldAt(AT), /Thu, 29 Feb 2024 23:59:58 GMT/);
    assert.match(fieldAt(AT + 999), /Thu, 29 Feb 2024 23:59:58 GMT/);
    assert.match(fieldAt(AT + 1000), /Thu, 29 Feb 2024 23:59:59 GMT/);
    const nextDay = Date.UTC(2024, 2, 1);
    assert.match(fieldAt(nextDay), /Fri, 01 Mar 2024 00:00:00 GMT/);
  });

  test("RFC 9110 §6.6.1 is right from whenever in a second it is made", () => {
    mock.timers.enable({ apis: ["Date"], now: AT });
    assert.match(fieldAt(AT + 2700), /Fri, 01 Mar 2024 00:00:00 GMT/);
    assert.match(fieldAt(AT + 3000), /Fri, 01 Mar 2024 00:00:01 GMT/);
  });

  test("RFC 9110 §6.6.1 follows a clock that is set back, a second later", () => {
    mock.timers.enable({ apis: ["Date"], now: AT });
    fieldAt(AT);
    const hourBefore = AT - 3_600_000;
    assert.match(fieldAt(hourBefore, 1000), /22:59:58 GMT/);
  });
});
