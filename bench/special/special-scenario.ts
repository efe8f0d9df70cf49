import type { Children } from "../children.ts";
import type { Pinning } from "../pinning.ts";

/** A scenario that is more than requests at a server. */
export interface SpecialScenario {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** In the order in which they are measured; ratios are of the first one. */
  readonly servers: readonly string[];
  /** How it is asked, for the report: `wrk`, or what it has of its own. */
  readonly load: string;
  /** Where server and load run, where it is not the pinning of the run. */
  readonly pinning?: string;
  /** Unless the user says. */
  readonly rounds: number;
  /** How hard, by names with units; the user may change each of them. */
  readonly effort: Readonly<Record<string, number>>;
  /** What the table shows, in that order. */
  readonly metrics: readonly SpecialMetric[];
  /** Why a server cannot be measured here; undefined where it can. */
  missing(server: string): string | undefined;
  /** One round of one server. @throws Error where it is not what it should be */
  measure(server: string, context: SpecialContext): Promise<SpecialFigures>;
}

export interface SpecialMetric {
  readonly name: string;
  readonly title: string;
  readonly digits: number;
}

export interface SpecialContext {
  readonly children: Children;
  readonly pinning: Pinning;
  /** Of the scenario, as far as the user did not say otherwise. */
  readonly effort: Readonly<Record<string, number>>;
}

/** Metrics by their names. */
export type SpecialFigures = Readonly<Record<string, number>>;
