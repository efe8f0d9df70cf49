import type { ClientReport } from "../support/client-report.ts";
import type { Tally } from "./tally.ts";

/** Orders to the process of the hostile client. */
export type AttackOrder =
  | {
      readonly type: "attack";
      readonly kind: string;
      readonly port: number;
      readonly scale: number;
      /**
       * Uses only idle CPU time. The attacker shares cores with the measured
       * processes, while a real attacker has its own.
       */
      readonly isLowPriority: boolean;
      /** Time after which the attack ends by itself. */
      readonly maxMs: number;
    }
  /** Requests the tally; the attack continues. */
  | { readonly type: "report" }
  | { readonly type: "end" };

/** Orders to the process of the well-behaved clients. */
export interface LoadOrder {
  readonly type: "load";
  readonly port: number;
  /** Time before the measurement. */
  readonly warmupMs: number;
  readonly ms: number;
}

/** Replies of those processes. */
export type Reply =
  | { readonly type: "listening" }
  | { readonly type: "measuring" }
  | { readonly type: "interim"; readonly tally: Tally }
  | { readonly type: "tally"; readonly tally: Tally; readonly cpuMs: number }
  | {
      readonly type: "report";
      readonly report: ClientReport;
      readonly cpuMs: number;
    };
