import assert from "node:assert/strict";
import { it } from "node:test";
import { CommandLoop } from "../../src/master/supervisor/command-loop.ts";
import { TakeOver, type TakeOverParts } from "../../src/master/take-over.ts";
import {
  type IncomingEffect,
  IncomingMaster,
} from "../../src/master/upgrade/incoming-master.ts";
import { toHandover } from "../../src/shared/metrics/handover-totals.ts";
import { noTotals } from "../../src/shared/metrics/totals.ts";
import type { ToIncoming } from "../../src/shared/upgrade-messages.ts";
import { deferred } from "../support/deferred.ts";
import { memoryLogger } from "../worker/memory-logger.ts";

/** An incoming master whose ports open when the test says so. */
function incoming() {
  const { logger } = memoryLogger();
  const opened = deferred<void>();
  const calls: string[] = [];
  const call = (name: string) => async () => {
    calls.push(name);
  };
  const ports = {
    open: () => opened.promise,
    hold: () => calls.push("hold"),
    resume: () => calls.push("resume"),
  };
  const loop = new CommandLoop({ logger, onError: () => calls.push("error") });
  const takeOver = new TakeOver({
    loop,
    ports,
    pool: { workers: [] },
    listeners: { accept: () => {}, onWorkerAccepts: () => {} },
    pages: { servedOver: () => ({ routes: new Map() }) },
    announcement: { writePidFile: () => {}, openControlSocket: call("socket") },
    serviceManager: { becomeMain: call("main") },
    outgoing: undefined,
  } as unknown as TakeOverParts);
  const machine = new IncomingMaster(logger, 77);
  let effects: readonly IncomingEffect[] = [];
  loop.start({
    handle: (command) => {
      if (command.type === "takeOver") effects = machine.handle(command.event);
    },
    reconcile: () => {},
    settle: () => false,
    performEffects: () => {
      for (const { type } of effects) {
        if (type === "acceptClients") takeOver.acceptClients();
        if (type === "openPorts") takeOver.openPorts();
        if (type === "answerAdmin") ports.resume();
        if (type === "announce") takeOver.announce();
      }
    },
  });
  const hear = (message: ToIncoming) => {
    const event = { type: "message", message, handle: undefined } as const;
    loop.enqueue({ type: "takeOver", event });
  };
  return { loop, hear, takeOver, machine, opened, calls };
}

it("holds the admin port before it answers, also where the outgoing master dies meanwhile", async () => {
  const { loop, hear, takeOver, machine, opened, calls } = incoming();
  loop.enqueue({ type: "takeOver", event: { type: "workersReady" } });
  hear({ type: "takeOver", totals: toHandover(noTotals()) });
  loop.enqueue({ type: "takeOver", event: { type: "outgoingGone" } });
  assert.deepEqual(calls, [], "the ports are still being opened");
  opened.resolve();
  await takeOver.whenIdle();
  assert.deepEqual(calls, ["hold", "resume", "socket", "main"]);
  assert.equal(machine.state, "master");
});
