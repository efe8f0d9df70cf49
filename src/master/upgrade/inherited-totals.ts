import {
  addMasterTotals,
  type MasterTotals,
  noMasterTotals,
} from "../../shared/metrics/master-totals.ts";
import type { Counters } from "../metrics/counters.ts";
import type { LedgerTotals } from "../metrics/worker-totals.ts";
import type { DispatcherCounts } from "../sockets/dispatcher.ts";
import { plusTotals } from "./plus-totals.ts";
import { totalsOf } from "./totals-of.ts";

/** What one master counts. */
export interface MasterFigures {
  readonly totals: LedgerTotals;
  readonly counters: Counters;
  readonly dispatcher: DispatcherCounts;
  readonly cpuSeconds: ReadonlyMap<number, number>;
}

/**
 * Goes on with the counters of the masters before this one. The last of them
 * says again and again what it has counted, until its workers have left; each
 * time that is everything, so what comes twice counts once.
 */
export class MasterBook {
  #before = noMasterTotals();

  /** The predecessor has counted so much, those before it included. */
  record(before: MasterTotals): void {
    this.#before = before;
  }

  /** What is shown: no counter falls because a new master took over. */
  withPredecessors(own: MasterFigures): MasterFigures {
    const before = this.#before;
    const usage = plusTotals({ cpuSeconds: own.cpuSeconds }, before.usage);
    const bySlot = [...usage.cpuSeconds].map(([slot, seconds]) => {
      return [Number(slot), seconds] as const;
    });
    return {
      totals: plusTotals(own.totals, before.ledger),
      counters: plusTotals(own.counters, before.counters),
      dispatcher: plusTotals(own.dispatcher, before.dispatcher),
      cpuSeconds: new Map(bySlot),
    };
  }

  /** For the successor. */
  export(own: MasterFigures): MasterTotals {
    // How many connections wait is no count that goes on.
    const { waiting, ...dispatcher } = own.dispatcher;
    const totals = {
      ledger: totalsOf(own.totals),
      counters: totalsOf(own.counters),
      dispatcher: totalsOf(dispatcher),
      usage: totalsOf({ cpuSeconds: own.cpuSeconds }),
    };
    return addMasterTotals(totals, this.#before);
  }
}
