import type { ServerAddress } from "../support/server-address.ts";
import type { Place } from "./place.ts";

/** A real one, in front of a fleet. */
export interface Balancer {
  readonly name: string;
  readonly address: ServerAddress;
  /**
   * Before instance `number` is stopped: what a script that deploys has to do.
   * Nothing, where the balancer finds out by itself.
   */
  takeOut(number: number): void;
  /** Once it is ready again. */
  putBack(number: number): void;
  /** Lines of its log about requests that did not end well. */
  problems(): string[];
  stop(): Promise<void>;
}

export interface BalancerTimes {
  /** Between two health checks. */
  readonly checkIntervalMs: number;
  /** How long it keeps a connection to a server that it does not use. */
  readonly idleMs: number;
}

export interface FrontOptions {
  readonly places: readonly Place[];
  /** Where they are not those of deploy/. */
  readonly times?: BalancerTimes | undefined;
}
