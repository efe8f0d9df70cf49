import type { Balancer } from "./balancer.ts";
import type { RemudaInstance } from "./remuda-instance.ts";

/** A way to change the version of an instance. */
export interface Way {
  readonly name: string;
  /** Requires the new version on disk; resolves when the instance runs it. */
  run(instance: RemudaInstance, balancers: readonly Balancer[]): Promise<void>;
}

const roll: Way = {
  name: "HUP: new workers",
  run: (instance) => instance.reload(),
};

const upgradeMaster: Way = {
  name: "USR2: new master",
  run: (instance) => instance.upgrade(),
};

const stopAndStart: Way = {
  name: "TERM: stop and start",
  async run(instance, balancers) {
    const { number } = instance;
    for (const balancer of balancers) balancer.takeOut(number);
    await instance.stop();
    await instance.start();
    for (const balancer of balancers) balancer.putBack(number);
  },
};

export const WAYS: readonly Way[] = [roll, upgradeMaster, stopAndStart];
