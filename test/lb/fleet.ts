import type { Balancer } from "./balancer.ts";
import type { Instance } from "./instance.ts";

/** Instances and the balancers in front of them. */
export interface Fleet<Kind extends Instance = Instance> {
  readonly instances: readonly Kind[];
  readonly balancers: readonly Balancer[];
  /** Workers per instance. */
  readonly workers: number;
}
