import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ReloadOutcome } from "../../../src/master/supervisor/rollout/reload-outcome.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { SupervisorRig } from "./supervisor-rig.ts";
import type { FakeWorkerProcess } from "./workers/fake-worker-process.ts";

const SEEDS = 25;
const EVENTS_PER_SEED = 80;

/** A whole supervisor to which chance lets anything happen. */
class Life {
  readonly rig: SupervisorRig;
  readonly outcomes: (ReloadOutcome | undefined)[] = [];
  readonly #random: () => number;

  constructor(t: TestContext, seed: number) {
    t.mock.reset();
    this.#random = seededRandom(seed);
    this.rig = new SupervisorRig(t, this.#settings());
    this.rig.run();
  }

  async happen(): Promise<void> {
    const { rig } = this;
    switch (this.#below(10)) {
      case 0:
        await this.#reload(this.#settings());
        break;
      case 1:
        await this.#reload(new Error("no such setting"));
        break;
      case 2:
        this.#fake("starting")?.fail("bad deploy");
        break;
      case 3:
        this.#fake("ready")?.exit(1);
        break;
      case 4:
        this.#fake("ready")?.say({ type: "retire", why: "TERM" });
        break;
      case 5:
        rig.enqueue({ type: "scaleTo", workers: 1 + this.#below(4) });
        break;
      case 6:
        rig.advance(1_000);
        break;
      default:
        this.#fake("starting")?.becomeReady();
        this.#fake("draining")?.leave();
    }
  }

  /** From here on all goes well. */
  settle(): void {
    for (let round = 0; round < 60; round++) {
      for (const { id, state } of [...this.rig.pool.workers]) {
        const fake = this.rig.processes[id - 1];
        if (state === "starting") fake?.becomeReady();
        if (state === "draining") fake?.leave();
      }
      this.rig.advance(1_000);
    }
  }

  async #reload(given: Parameters<SupervisorRig["reload"]>[0]): Promise<void> {
    const at = this.outcomes.push(undefined) - 1;
    const reading = this.rig.reload(given);
    this.rig.supervisor.whenReloadEnds().then((outcome) => {
      assert.equal(this.outcomes[at], undefined, "told once");
      this.outcomes[at] = outcome;
    });
    await reading;
  }

  #settings() {
    const canaryPauseMs = this.#below(2) * 1_500;
    const roll = { surge: 1 + this.#below(3), canaryPauseMs };
    return { workers: 1 + this.#below(4), roll };
  }

  #fake(state: string): FakeWorkerProcess | undefined {
    const workers = this.rig.pool.workers.filter((each) => {
      return each.state === state;
    });
    const worker = workers[this.#below(workers.length)];
    return worker && this.rig.processes[worker.id - 1];
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

describe("a supervisor to which anything may happen", () => {
  it("settles, and tells each reload its own end", async (t) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const life = new Life(t, seed);
      for (let count = 0; count < EVENTS_PER_SEED; count++) await life.happen();
      const { rig } = life;
      const { supervisor, pool } = rig;
      const forks = rig.processes.length;
      life.settle();
      await new Promise(setImmediate);

      const where = `seed ${seed}`;
      assert.equal(supervisor.rollout, undefined, where);
      const { generation, target } = supervisor;
      const served = pool.workers.map(({ slot, state }) => `${slot} ${state}`);
      const slots = Array.from({ length: target }, (_, at) => at + 1);
      const wanted = slots.map((slot) => `${slot} ready`);
      assert.deepEqual(served.sort(), wanted, where);
      assert.ok(rig.processes.length - forks <= 2 * target + 2, where);

      const told = life.outcomes.map((outcome) => outcome?.result);
      assert.ok(!told.includes(undefined), where);
      const counted = Object.values(rig.counted("reloads"));
      const total = counted.reduce((sum, count) => sum + count, 0);
      assert.equal(total, told.length, where);
      const newest = life.outcomes.findLast((outcome) => {
        return outcome?.result === "success";
      });
      assert.equal(generation, newest?.generation ?? 1, where);
    }
  });
});
