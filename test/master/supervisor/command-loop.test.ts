import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Command } from "../../../src/master/supervisor/command.ts";
import { CommandLoop } from "../../../src/master/supervisor/command-loop.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";
import { SupervisorRig } from "./supervisor-rig.ts";

const TICK = { type: "tick" } as const;
const RELOAD = { type: "reload" } as const;

function loopThat(
  handle: (command: Command, loop: CommandLoop) => void,
  settle = () => false,
) {
  const { logger, lines } = memoryLogger();
  const steps: string[] = [];
  let errors = 0;
  const loop = new CommandLoop({ logger, onError: () => errors++ });
  const start = () => {
    loop.start({
      handle: (command) => {
        steps.push(command.type);
        handle(command, loop);
      },
      reconcile: () => steps.push("reconcile"),
      performEffects: () => steps.push("effects"),
      settle,
    });
  };
  return { loop, steps, lines, start, errors: () => errors };
}

describe("the queue of commands", () => {
  it("keeps what comes before the start", () => {
    const { loop, steps, start } = loopThat(() => {});
    loop.enqueue(RELOAD);
    assert.deepEqual(steps, []);
    start();
    assert.deepEqual(steps, ["reload", "reconcile", "effects"]);
  });

  it("takes one command at a time, each with all its steps", () => {
    const { loop, steps, start } = loopThat(({ type }) => {
      if (type === "reload") loop.enqueue(TICK);
    });
    start();
    loop.enqueue(RELOAD);
    const all = ["reload", "reconcile", "effects"];
    assert.deepEqual(steps, [...all, "tick", "reconcile", "effects"]);
  });

  it("performs the effects of what has settled after those of the workers", () => {
    const { loop, steps, start } = loopThat(
      () => {},
      () => steps.push("settle") > 0,
    );
    start();
    loop.enqueue(RELOAD);
    const [, ...rest] = steps;
    assert.deepEqual(rest, ["reconcile", "effects", "settle", "effects"]);
  });

  it("logs and counts an error, and goes on with the next step", () => {
    const { loop, steps, lines, start, errors } = loopThat(({ type }) => {
      if (type === "reload") throw new Error("a fault of ours");
    });
    start();
    loop.enqueue(RELOAD);
    loop.enqueue(TICK);
    const rest = ["reconcile", "effects"];
    assert.deepEqual(steps, ["reload", ...rest, "tick", ...rest]);
    assert.equal(errors(), 1);
    const [line] = lines;
    assert.equal(line?.msg, "supervisor error; it goes on");
    assert.equal(line?.step, "reload");
  });

  it("ends its timers", ({ mock }: TestContext) => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { loop, steps, start } = loopThat(() => {});
    start();
    loop.enqueueEvery(100, TICK);
    loop.enqueueLater(250, RELOAD);
    mock.timers.tick(200);
    assert.equal(steps.filter((step) => step === "tick").length, 2);
    loop.stopTimers();
    mock.timers.tick(1_000);
    assert.equal(steps.length, 6);
  });
});

describe("a supervisor in which something throws", () => {
  it("goes on supervising", (t) => {
    const rig = new SupervisorRig(t);
    rig.run();
    const { fork } = rig.pool;
    rig.pool.fork = () => {
      throw new Error("a fault of ours");
    };
    rig.process(1).exit(1);
    rig.advance(500);
    assert.ok((rig.counters.totals().numbers.supervisorErrors ?? 0) > 0);
    assert.ok(rig.logged("supervisor error").length > 0);
    assert.deepEqual(rig.workers, ["2.1 ready"]);
    rig.pool.fork = fork;
    rig.advance(500);
    assert.deepEqual(rig.workers, ["2.1 ready", "1.1 starting"]);
  });
});
