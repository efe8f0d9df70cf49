import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenToSignals } from "../../../src/master/host/signals.ts";
import type { Command } from "../../../src/master/supervisor/command.ts";

/** The command of each signal. */
const EXPECTED: readonly [NodeJS.Signals, Command][] = [
  ["SIGTERM", { type: "stop", how: "terminate" }],
  ["SIGINT", { type: "stop", how: "interrupt" }],
  ["SIGQUIT", { type: "stop", how: "quit" }],
  ["SIGHUP", { type: "reload" }],
  ["SIGUSR1", { type: "reopenLogs" }],
  ["SIGWINCH", { type: "pause" }],
  ["SIGTTIN", { type: "scale", by: 1 }],
  ["SIGTTOU", { type: "scale", by: -1 }],
];

describe("a signal to the master", () => {
  for (const [signal, expected] of EXPECTED) {
    it(`${signal} asks for ${Object.values(expected).join(" ")}`, () => {
      const asked: Command[] = [];
      const stopListening = listenToSignals((command) => asked.push(command));
      process.emit(signal, signal);
      stopListening();
      assert.deepEqual(asked, [expected]);
    });
  }

  it("is not listened to once that is over", () => {
    const counts = () => EXPECTED.map(([name]) => process.listenerCount(name));
    const before = counts();
    const stopListening = listenToSignals(() => {});
    assert.deepEqual(
      counts(),
      before.map((count) => count + 1),
    );
    stopListening();
    assert.deepEqual(counts(), before);
  });
});
