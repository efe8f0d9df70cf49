import type { ClientReport } from "../support/client-report.ts";
import type { Tally } from "./tally.ts";

/** To the process of the hostile client. */
export type AttackOrder =
  | {
      readonly type: "attack";
      readonly kind: string;
      readonly port: number;
      readonly scale: number;
      /**
       * Takes only time that nobody else wants. It shares the cores with who is
       * measured, where a real attacker has its own.
       */
      readonly isLowPriority: boolean;
      /** It ends by itself then. */
      readonly maxMs: number;
    }
  /** Asks for the tally of the attack, which goes on. */
  | { readonly type: "report" }
  | { readonly type: "end" };

/** To the process of the well-behaved clients. */
export interface LoadOrder {
  readonly type: "load";
  readonly port: number;
  /** What is not measured yet. */
  readonly warmupMs: number;
  readonly ms: number;
}

/** What those processes say. */
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
