import type { ServerAddress } from "../support/server-address.ts";
import type { Place } from "./place.ts";

/** A real load balancer in front of a fleet. */
export interface Balancer {
  readonly name: string;
  readonly address: ServerAddress;
  /**
   * Called before instance `number` is stopped, like a step of a deploy script.
   * Does nothing if the balancer detects it by itself.
   */
  takeOut(number: number): void;
  /** Called when the instance is ready again. */
  putBack(number: number): void;
  /** Log lines about requests that failed. */
  problems(): string[];
  stop(): Promise<void>;
}

export interface BalancerTimes {
  /** Interval between health checks. */
  readonly checkIntervalMs: number;
  /** Time that an unused server connection is kept. */
  readonly idleMs: number;
}

export interface FrontOptions {
  readonly places: readonly Place[];
  /** Overrides of the times in deploy/. */
  readonly times?: BalancerTimes | undefined;
}
