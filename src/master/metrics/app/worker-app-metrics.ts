/** The metrics of one worker's app, from its pushes. */
import {
  type AppFamily,
  type AppMetricsPush,
  isCumulative,
  type SeriesDefinition,
  type SeriesValue,
  totalsNameOf,
} from "../../../shared/metrics/app-metrics.ts";
import { emptyRecord, type Totals } from "../../../shared/metrics/totals.ts";

/** A family as one worker reports it. */
export interface WorkerFamily {
  readonly family: AppFamily;
  readonly totalsName: string;
  /** Current values of series that are not added up. */
  readonly gauges: Map<string, SeriesValue>;
  readonly exemplars: Map<string, string>;
}

interface Series {
  readonly family: WorkerFamily;
  readonly text: string;
  /** Value of the total when the worker defined the series. */
  readonly base: number;
}

export class WorkerAppMetrics {
  readonly families: WorkerFamily[] = [];
  readonly #totals: Totals;
  readonly #maxSeries: number;
  readonly #series = new Map<number, Series>();
  /** Series with a total, also those that the app has removed. */
  #totalCount = 0;

  /**
   * @param totals of the worker; cumulative series are written there
   * @param maxSeries that the worker may have; more are ignored
   */
  constructor(totals: Totals, maxSeries: number) {
    this.#totals = totals;
    this.#maxSeries = maxSeries;
  }

  apply(push: AppMetricsPush): void {
    for (const family of push.families) this.#addFamily(family);
    for (const number of push.removed) this.#remove(number);
    for (const definition of push.series) this.#define(definition);
    for (let at = 0; at + 1 < push.values.length; at += 2) {
      const [number, value] = [push.values[at], push.values[at + 1]];
      this.#set(number as number, value as SeriesValue);
    }
    for (const [number, text] of push.exemplars) {
      const series = this.#series.get(number);
      series?.family.exemplars.set(series.text, text);
    }
  }

  #addFamily(family: AppFamily): void {
    if (this.families.length >= this.#maxSeries) return;
    const totalsName = totalsNameOf(family);
    const [gauges, exemplars] = [new Map(), new Map()];
    this.families.push({ family, totalsName, gauges, exemplars });
  }

  #define([number, familyNumber, text]: SeriesDefinition): void {
    const family = this.families[familyNumber];
    const isKnown = this.#series.has(number);
    if (!family || (!isKnown && this.#series.size >= this.#maxSeries)) return;
    const total = this.#totals.labelled[family.totalsName]?.[text];
    this.#series.set(number, { family, text, base: total ?? 0 });
  }

  #remove(number: number): void {
    const series = this.#series.get(number);
    if (!series) return;
    this.#series.delete(number);
    series.family.gauges.delete(series.text);
    series.family.exemplars.delete(series.text);
  }

  #set(number: number, value: SeriesValue): void {
    const series = this.#series.get(number);
    if (!series) return;
    const { family, text } = series;
    if (isCumulative(family.family.type, text)) this.#raise(series, value);
    else family.gauges.set(text, value);
  }

  /** A sum falls with negative observations; nothing else does. */
  #raise({ family, text, base }: Series, value: SeriesValue): void {
    if (typeof value !== "number") return;
    const { labelled } = this.#totals;
    const { totalsName } = family;
    labelled[totalsName] ??= emptyRecord();
    const totals = labelled[totalsName];
    const before = totals[text];
    if (before === undefined) {
      // Series that come and go would fill the memory of the master.
      if (this.#totalCount >= 2 * this.#maxSeries) return;
      this.#totalCount++;
    }
    const maySink = text.startsWith("_sum");
    const total = base + value;
    totals[text] = maySink ? total : Math.max(before ?? 0, total);
  }
}
