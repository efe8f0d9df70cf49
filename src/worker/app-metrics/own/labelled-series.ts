/** The series of a metric by the values of its labels. Runs per count. */
import type { Labels } from "../metric-registry.ts";
import type { LabelValues } from "./metric-options.ts";

interface Node<Series> {
  series: Series | undefined;
  readonly next: Map<string, Node<Series>>;
}

export class LabelledSeries<Name extends string, Series> {
  readonly #metric: string;
  readonly #names: readonly Name[];
  readonly #create: (labels: Labels) => Series;
  readonly #root: Node<Series> = { series: undefined, next: new Map() };
  readonly all: Series[] = [];

  constructor(
    metric: string,
    names: readonly Name[],
    create: (labels: Labels) => Series,
  ) {
    this.#metric = metric;
    this.#names = names;
    this.#create = create;
  }

  /** @throws TypeError for a missing or an unknown label */
  of(labels: LabelValues<Name>): Series {
    let node = this.#root;
    for (const name of this.#names) {
      const value = labels?.[name];
      const text = typeof value === "string" ? value : String(value);
      const next = node.next.get(text);
      if (next === undefined) return this.#add(labels);
      node = next;
    }
    return node.series ?? this.#add(labels);
  }

  #add(labels: LabelValues<Name>): Series {
    this.#check(labels);
    let node = this.#root;
    for (const name of this.#names) {
      const text = String(labels[name]);
      const next = node.next.get(text) ?? {
        series: undefined,
        next: new Map(),
      };
      node.next.set(text, next);
      node = next;
    }
    const named = this.#names.map((name) => [name, String(labels[name])]);
    const series = this.#create(Object.fromEntries(named));
    node.series = series;
    this.all.push(series);
    return series;
  }

  #check(labels: LabelValues<Name>): void {
    const needed = this.#names.join(", ") || "no labels";
    const given: object = labels ?? {};
    const missing = this.#names.find((name) => !Object.hasOwn(given, name));
    const unknown = Object.keys(given).find((name) => {
      return !this.#names.includes(name as Name);
    });
    if (missing === undefined && unknown === undefined) return;
    const problem =
      missing === undefined
        ? `has no label "${unknown}"`
        : `needs "${missing}"`;
    const text = `metric ${this.#metric} ${problem}; it has: ${needed}`;
    throw new TypeError(text);
  }
}
