/**
 * The metrics of the app in the text format of Prometheus. Families whose
 * definitions contradict each other are decided here: the oldest worker's
 * counts, and Remuda's own names are taken.
 */
import {
  type AppFamily,
  type FamilyIdentity,
  familyIn,
  type GaugeAggregator,
  type MetricType,
  type SeriesValue,
  seriesNumber,
  seriesValue,
} from "../../../shared/metrics/app-metrics.ts";
import type { Totals } from "../../../shared/metrics/totals.ts";
import type { WorkerFamily } from "./worker-app-metrics.ts";

/** The families of a live worker. */
export interface AppSource {
  readonly slot: number;
  readonly generation: number;
  readonly families: readonly WorkerFamily[];
}

/** A metric that is left out because of another one's name. */
export interface Collision {
  readonly name: string;
  /** Its type and labels. */
  readonly kind: string;
  /** The worker that reports it. */
  readonly place: string;
  /** The worker whose metric has the name, "Remuda" or "Prometheus". */
  readonly takenBy: string;
}

export interface AppExpositionOptions {
  readonly isOpenMetrics: boolean;
  /** Names of Remuda's own families. */
  readonly takenNames: readonly string[];
  readonly onCollision: (collision: Collision) => void;
}

/** Series that Prometheus makes of each scrape. */
const MADE_BY_SCRAPER = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
];

interface Merged {
  readonly name: string;
  readonly type: MetricType;
  help: string;
  aggregator: GaugeAggregator;
  readonly totalsName: string;
  /** Oldest worker first. */
  readonly holders: WorkerFamily[];
  /** Where the definition came from, for messages. */
  readonly place: string;
}

/**
 * @param sources live workers, oldest first
 * @param totals of the server, with those of dead workers
 */
export function appExposition(
  sources: readonly AppSource[],
  totals: Totals,
  options: AppExpositionOptions,
): string {
  const families = new Families(options);
  for (const source of sources) {
    const place = `worker ${source.slot}, generation ${source.generation}`;
    for (const each of source.families) families.add(each, place);
  }
  for (const totalsName in totals.labelled) {
    const identity = familyIn(totalsName);
    if (identity) families.addRetired(identity, totalsName);
  }
  return families.all
    .map((family) => familyText(family, totals, options.isOpenMetrics))
    .join("");
}

class Families {
  readonly #options: AppExpositionOptions;
  readonly #byName = new Map<string, Merged>();
  /** Families and samples, with the place of each. */
  readonly #taken = new Map<string, string>();

  constructor(options: AppExpositionOptions) {
    this.#options = options;
    for (const name of MADE_BY_SCRAPER) this.#taken.set(name, "Prometheus");
    for (const name of options.takenNames) this.#taken.set(name, "Remuda");
  }

  get all(): readonly Merged[] {
    return [...this.#byName.values()];
  }

  add(holder: WorkerFamily, place: string): void {
    const { family, totalsName } = holder;
    const known = this.#byName.get(family.name);
    if (known?.totalsName === totalsName) {
      known.holders.push(holder);
      // Of a later release, perhaps.
      known.help = family.help;
      return;
    }
    const takenBy = this.#takerOf(family);
    if (takenBy !== undefined) {
      const { name, type, labelNames } = family;
      const kind = `${type} with ${labelNames.join(", ") || "no labels"}`;
      this.#options.onCollision({ name, kind, place, takenBy });
      return;
    }
    this.#claim(family, { totalsName, place, holders: [holder] });
  }

  /** Totals of dead workers, without a live worker that has the family. */
  addRetired(identity: FamilyIdentity, totalsName: string): void {
    if (this.#takerOf(identity) !== undefined) return;
    const family = { ...identity, help: "", aggregator: "sum" } as const;
    const place = "workers that are gone";
    this.#claim(family, { totalsName, place, holders: [] });
  }

  #claim(
    { name, type, help, aggregator }: AppFamily,
    rest: Pick<Merged, "totalsName" | "place" | "holders">,
  ): void {
    this.#byName.set(name, { name, type, help, aggregator, ...rest });
    for (const each of sampleNames({ name, type })) {
      this.#taken.set(each, rest.place);
    }
  }

  #takerOf(identity: Pick<AppFamily, "name" | "type">): string | undefined {
    const names = sampleNames(identity);
    const taken = names.find((name) => this.#taken.has(name));
    return taken === undefined ? undefined : this.#taken.get(taken);
  }
}

/** Names that a family takes. */
export function sampleNames({
  name,
  type,
}: Pick<AppFamily, "name" | "type">): readonly string[] {
  const parts = [`${name}_sum`, `${name}_count`];
  if (type === "histogram") return [name, `${name}_bucket`, ...parts];
  return type === "summary" ? [name, ...parts] : [name];
}

function familyText(
  { name, type, help, aggregator, totalsName, holders }: Merged,
  totals: Totals,
  isOpenMetrics: boolean,
): string {
  // OpenMetrics names a counter without the suffix of its samples.
  const isSuffixed = isOpenMetrics && type === "counter";
  const familyName = isSuffixed ? name.replace(/_total$/, "") : name;
  const sampleName = isSuffixed ? `${familyName}_total` : name;
  const exemplars = isOpenMetrics ? exemplarsOf(holders) : undefined;
  const line = (text: string, value: SeriesValue) => {
    const exemplar = exemplars?.get(text);
    const end = exemplar === undefined ? "" : ` # ${exemplar}`;
    return `${sampleName}${text} ${value}${end}\n`;
  };
  let lines = `# HELP ${familyName} ${escapedHelp(help)}\n`;
  lines += `# TYPE ${familyName} ${type}\n`;
  for (const [text, value] of mergedGauges(holders, aggregator)) {
    lines += line(text, value);
  }
  const cumulative = totals.labelled[totalsName];
  for (const text in cumulative) lines += line(text, cumulative[text] ?? 0);
  // Prometheus' older format allows a blank line between families.
  return isOpenMetrics ? lines : `\n${lines}`;
}

function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Of several workers' exemplars of a series, the newest worker's. */
function exemplarsOf(holders: readonly WorkerFamily[]) {
  return new Map(holders.flatMap(({ exemplars }) => [...exemplars]));
}

function mergedGauges(
  holders: readonly WorkerFamily[],
  aggregator: GaugeAggregator,
): ReadonlyMap<string, SeriesValue> {
  const [only] = holders;
  if (holders.length === 1 && only) return only.gauges;
  const values = new Map<string, number[]>();
  for (const { gauges } of holders) {
    for (const [text, value] of gauges) {
      const others = values.get(text);
      if (others) others.push(seriesNumber(value));
      else values.set(text, [seriesNumber(value)]);
    }
  }
  return new Map(
    [...values].map(([text, each]) => {
      return [text, seriesValue(combine(each, aggregator))];
    }),
  );
}

/** @param values of one series, of the oldest worker first */
function combine(
  values: readonly number[],
  aggregator: GaugeAggregator,
): number {
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (aggregator) {
    case "sum":
      return sum();
    case "average":
      return sum() / values.length;
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "first":
      return values[0] ?? Number.NaN;
    case "newest":
      return values.at(-1) ?? Number.NaN;
    default:
      return aggregator satisfies never;
  }
}
