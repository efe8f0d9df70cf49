import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DropLog } from "../../../src/shared/logging/drop-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";

describe("the log of connections that were closed unserved", () => {
  it("has a line when it begins, and one when it is over", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const clock = new FakeClock();
    const { logger, lines } = memoryLogger();
    const log = new DropLog<"one" | "other">(clock, () => logger);
    const pass = (ms: number) => {
      clock.advance(ms);
      t.mock.timers.tick(ms);
    };
    const dropped = (reason: "one" | "other") => {
      log.onDropped(reason, () => ({ limit: 7 }));
    };
    for (let count = 0; count < 100; count++) {
      dropped("one");
      pass(1_000);
    }
    dropped("other");
    assert.deepEqual(
      lines.map(({ reason, limit, level }) => ({ reason, limit, level })),
      [
        { reason: "one", limit: 7, level: 50 },
        { reason: "other", limit: 7, level: 50 },
      ],
    );
    pass(4_999);
    assert.equal(lines.length, 2);
    pass(1);
    assert.deepEqual(lines[2]?.closed, { one: 100, other: 1 });

    pass(60_000);
    assert.equal(lines.length, 3);
    dropped("one");
    assert.equal(lines.length, 4);
  });
});
