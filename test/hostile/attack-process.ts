/** A hostile client in a separate process; see `AttackOrder`. */
import os from "node:os";
import type { Group } from "./kind.ts";
import { KINDS } from "./kinds/hostile-kinds.ts";
import type { AttackOrder, Reply } from "./messages.ts";
import { Swarm } from "./swarm.ts";
import { newTally, type Tally } from "./tally.ts";

const { PRIORITY_LOW } = os.constants.priority;

class Attack {
  readonly #tally: Tally = newTally();
  readonly #swarms: readonly Swarm[];
  readonly #timer: NodeJS.Timeout;
  readonly #startedCpu = process.cpuUsage();

  constructor(groups: readonly Group[], port: number, maxMs: number) {
    const tally = this.#tally;
    this.#swarms = groups.map((group) => new Swarm(group, port, tally));
    this.#timer = setTimeout(() => this.end(), maxMs);
  }

  get tally(): Tally {
    return this.#tally;
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    // A copy, because closing the connections must not change the tally.
    const tally = structuredClone(this.#tally);
    for (const swarm of this.#swarms) swarm.end();
    await Promise.all(this.#swarms.map(({ ended }) => ended));
    const { user, system } = process.cpuUsage(this.#startedCpu);
    say({ type: "tally", tally, cpuMs: (user + system) / 1000 });
  }
}

let attack: Attack | undefined;

process.on("message", (order: AttackOrder) => {
  switch (order.type) {
    case "attack": {
      const kind = KINDS.find(({ name }) => name === order.kind);
      if (!kind) throw new Error(`no hostile client is called ${order.kind}`);
      if (order.isLowPriority) os.setPriority(PRIORITY_LOW);
      const groups = kind.groups(order.scale);
      attack = new Attack(groups, order.port, order.maxMs);
      break;
    }
    case "report":
      say({ type: "interim", tally: attack?.tally ?? newTally() });
      break;
    case "end":
      attack?.end();
      attack = undefined;
      break;
    default:
      order satisfies never;
  }
});
process.on("disconnect", () => process.exit());
say({ type: "listening" });

function say(reply: Reply): void {
  process.send?.(reply);
}
