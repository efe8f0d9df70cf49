import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { TicketKeys } from "../../../src/master/sockets/ticket-keys.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("the ticket keys", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
  afterEach(() => mock.timers.reset());

  test("are 48 secret bytes", () => {
    const [one, other] = [new TicketKeys(() => {}), new TicketKeys(() => {})];
    assert.equal(Buffer.from(one.current, "base64").length, 48);
    assert.notEqual(one.current, other.current);
  });

  test("RFC 9325 §3.4 are changed once a day, and told", () => {
    const told: string[] = [];
    const keys = new TicketKeys((renewed) => told.push(renewed));
    const first = keys.current;
    mock.timers.tick(DAY_MS - 1);
    assert.equal(keys.current, first);
    mock.timers.tick(1 + DAY_MS);
    assert.equal(told.length, 2);
    assert.equal(new Set([first, ...told]).size, 3);
    assert.equal(keys.current, told[1]);
  });

  test("change no more once they are stopped", () => {
    const keys = new TicketKeys(() => assert.fail("renewed"));
    keys.stop();
    mock.timers.tick(2 * DAY_MS);
  });
});
