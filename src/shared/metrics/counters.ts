/** Counts the events of one process. `add` and `count` run per connection. */
import { Histogram, type HistogramValues } from "./histogram.ts";
import type {
  HistogramName,
  LabelledName,
  LabelOf,
  NumberName,
} from "./metric-names.ts";
import { addTotals, emptyRecord, noTotals, type Totals } from "./totals.ts";

export class Counters {
  readonly #counted = noTotals();
  readonly #histograms = new Map<HistogramName, Histogram>();

  add(name: NumberName, amount = 1): void {
    const { numbers } = this.#counted;
    numbers[name] = (numbers[name] ?? 0) + amount;
  }

  /** Counts one event, or an amount such as seconds, under a label. */
  count<Name extends LabelledName>(
    name: Name,
    label: LabelOf<Name> & string,
    amount = 1,
  ): void {
    const { labelled } = this.#counted;
    labelled[name] ??= emptyRecord();
    const counts = labelled[name];
    counts[label] = (counts[label] ?? 0) + amount;
  }

  observe(name: HistogramName, seconds: number): void {
    let histogram = this.#histograms.get(name);
    if (!histogram) {
      histogram = new Histogram();
      this.#histograms.set(name, histogram);
    }
    histogram.observe(seconds);
  }

  /** A copy: later events do not change it. */
  totals(): Totals {
    const totals = noTotals();
    addTotals(totals, this.#counted);
    for (const [name, histogram] of this.#histograms) {
      const values = emptyRecord<HistogramValues>();
      values[""] = histogram.values();
      totals.histograms[name] = values;
    }
    return totals;
  }
}
