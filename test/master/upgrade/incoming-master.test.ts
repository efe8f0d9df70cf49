import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type IncomingEvent,
  IncomingMaster,
} from "../../../src/master/upgrade/incoming-master.ts";
import { toHandover } from "../../../src/shared/metrics/handover-totals.ts";
import { noTotals } from "../../../src/shared/metrics/totals.ts";
import type { ToIncoming } from "../../../src/shared/upgrade-messages.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";

const OUTGOING_PID = 77;
const totals = toHandover(noTotals());

function incoming() {
  const { logger, lines } = memoryLogger();
  const machine = new IncomingMaster(logger, OUTGOING_PID);
  /** Effects of an event; a message to the outgoing master by its type. */
  const on = (event: IncomingEvent) => {
    return machine.handle(event).map((effect) => {
      return effect.type === "tellOutgoing"
        ? `tell ${effect.message.type}`
        : effect.type;
    });
  };
  const hear = (message: ToIncoming) => {
    return on({ type: "message", message, handle: undefined });
  };
  const start = () => [
    ...on({ type: "workersReady" }),
    ...on({ type: "clientsAccepted" }),
  ];
  const takeOver = () => hear({ type: "takeOver", totals });
  return { machine, lines, on, hear, start, takeOver };
}

describe("an incoming master", () => {
  it("takes over step by step", () => {
    const { machine, on, hear, start, takeOver } = incoming();
    assert.equal(machine.mayAccept, false);
    assert.deepEqual(start(), ["acceptClients", "reportReady"]);
    assert.equal(machine.mayAccept, true);
    assert.deepEqual(takeOver(), ["recordInherited", "openPorts"]);
    assert.deepEqual(on({ type: "portsOpened" }), ["tell taken"]);
    assert.equal(machine.isMaster, false);
    assert.deepEqual(hear({ type: "released", totals }), [
      "recordInherited",
      "answerAdmin",
      "announce",
    ]);
    assert.equal(machine.isMaster, true);
    assert.equal(machine.outcome?.result, "success");
    assert.deepEqual(on({ type: "announced" }), ["tell settled"]);
    assert.equal(machine.state, "master");
    assert.equal(machine.outgoingPid, OUTGOING_PID);
    assert.deepEqual(on({ type: "outgoingGone" }), []);
    assert.equal(machine.outgoingPid, undefined);
  });

  it("tells which workers it has until it is the master", () => {
    const { on } = incoming();
    const pids = [1, 2];
    assert.deepEqual(on({ type: "workersChanged", pids }), ["tell workers"]);
    on({ type: "outgoingGone" });
    assert.deepEqual(on({ type: "workersChanged", pids }), []);
  });

  it("goes on where the announcement is not complete", () => {
    const { machine, lines, on, hear, start, takeOver } = incoming();
    start();
    takeOver();
    on({ type: "portsOpened" });
    hear({ type: "released", totals });
    const error = new Error("no control socket");
    assert.deepEqual(on({ type: "announceFailed", error }), []);
    assert.equal(machine.state, "master");
    assert.equal(lines.at(-1)?.msg, "the take-over is not complete");
  });
});

describe("an incoming master whose outgoing one dies", () => {
  const announcement = ["answerAdmin", "announce"];

  it("while the ports are opened answers once they are open", () => {
    const { on, start, takeOver } = incoming();
    start();
    takeOver();
    // An answer now would be before the ports hold theirs, which never ends.
    assert.deepEqual(on({ type: "outgoingGone" }), []);
    assert.deepEqual(on({ type: "portsOpened" }), announcement);
  });

  it("while it starts takes over when it is ready", () => {
    const { machine, on, start } = incoming();
    on({ type: "outgoingGone" });
    assert.equal(machine.mayAccept, false);
    assert.deepEqual(start(), ["acceptClients", "openPorts"]);
    assert.deepEqual(on({ type: "portsOpened" }), announcement);
  });

  it("as it is ready opens the ports by itself", () => {
    const { on, start } = incoming();
    start();
    assert.deepEqual(on({ type: "outgoingGone" }), ["openPorts"]);
    assert.deepEqual(on({ type: "portsOpened" }), announcement);
  });

  it("while it waits for the release is the master at once", () => {
    const { on, start, takeOver } = incoming();
    start();
    takeOver();
    on({ type: "portsOpened" });
    assert.deepEqual(on({ type: "outgoingGone" }), announcement);
  });

  it("serves without an admin port where that cannot be had", () => {
    const { lines, on, start } = incoming();
    start();
    on({ type: "outgoingGone" });
    const error = new Error("in use");
    assert.deepEqual(on({ type: "portsFailed", error }), announcement);
    assert.equal(lines.at(-1)?.msg, "the take-over is not complete");
  });
});

describe("an incoming master that fails", () => {
  it("says why, where a port cannot be had", () => {
    const { machine, on, start, takeOver } = incoming();
    start();
    takeOver();
    const error = new Error("in use");
    assert.deepEqual(on({ type: "portsFailed", error }), ["tell failed"]);
    assert.equal(machine.state, "failed");
  });

  it("says why, where it cannot accept clients", () => {
    const { machine, on } = incoming();
    on({ type: "workersReady" });
    const error = new Error("cannot listen");
    assert.deepEqual(on({ type: "acceptFailed", error }), ["tell failed"]);
    assert.equal(machine.state, "failed");
  });

  it("does what it is told, also while the ports are opened", () => {
    const { machine, on, hear, start, takeOver } = incoming();
    start();
    takeOver();
    assert.deepEqual(hear({ type: "abort" }), []);
    assert.equal(machine.state, "failed");
    assert.deepEqual(on({ type: "portsOpened" }), []);
    assert.equal(machine.isMaster, false);
  });

  it("is not stopped any more once it is the master", () => {
    const { machine, on, hear, start } = incoming();
    start();
    on({ type: "outgoingGone" });
    hear({ type: "abort" });
    assert.equal(machine.state, "claiming");
  });

  it("where the outgoing master hands over too early", () => {
    const { machine, takeOver } = incoming();
    assert.deepEqual(takeOver(), ["tell failed"]);
    assert.equal(machine.state, "failed");
  });
});

describe("an outgoing master that dies at any moment", () => {
  it("leaves one that holds no answers once its ports are open", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const { machine, on, hear } = incoming();
      let isHeld = false;
      // What the parts would have to say, in the order of the effects.
      const ends: IncomingEvent[] = [{ type: "workersReady" }];
      const perform = (effects: readonly string[]) => {
        for (const effect of effects) {
          if (effect === "acceptClients")
            ends.push({ type: "clientsAccepted" });
          if (effect === "openPorts") ends.push({ type: "portsOpened" });
          if (effect === "announce") ends.push({ type: "announced" });
          if (effect === "answerAdmin") isHeld = false;
        }
      };
      const dies = Math.floor(random() * 6);
      for (let step = 0; machine.state !== "master"; step++) {
        assert.ok(step < 20, `seed ${seed}`);
        if (step === dies) perform(on({ type: "outgoingGone" }));
        const end = ends.shift();
        if (end?.type === "portsOpened") isHeld = true;
        if (end) perform(on(end));
        const isThere = machine.outgoingPid !== undefined;
        if (isThere && machine.state === "ready") {
          perform(hear({ type: "takeOver", totals }));
        } else if (isThere && machine.state === "portsOpen") {
          perform(hear({ type: "released", totals }));
        }
      }
      assert.equal(isHeld, false, `seed ${seed}`);
    }
  });
});
