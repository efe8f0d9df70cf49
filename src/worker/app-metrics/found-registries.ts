/** The registries whose metrics a worker reports. */
import { createRequire } from "node:module";
import path from "node:path";
import {
  type FoundRegistry,
  isMetricRegistry,
  type MetricRegistry,
} from "./metric-registry.ts";

/** Shared by all copies of this package in the process. */
const REGISTERED = Symbol.for("remuda.metricRegistries");

/** Each copy has a default registry. The second is newer than the first. */
const PACKAGES = ["prom-client", path.join("@prometheus-io", "client")];
const MAIN_FILES = PACKAGES.map((name) => {
  return path.join("node_modules", name, "index.js");
});

const { cache } = createRequire(import.meta.url);

/** The registries of `metrics.register()`. */
export function registeredRegistries(): Set<MetricRegistry> {
  const holder = globalThis as { [REGISTERED]?: Set<MetricRegistry> };
  holder[REGISTERED] ??= new Set();
  return holder[REGISTERED];
}

/**
 * Default registries of `prom-client`, which an app may load at any time, and
 * then registered ones.
 */
export function foundRegistries(): FoundRegistry[] {
  const defaults = defaultRegistries();
  const known = new Set(defaults.map(({ registry }) => registry));
  const registered = [...registeredRegistries()]
    .filter((registry) => !known.has(registry))
    .map((registry) => ({ registry, place: placeOf(registry) }));
  return [...defaults, ...registered];
}

const places = new WeakMap<MetricRegistry, string>();
let placeCount = 0;

/** A registered registry has no name, and keeps the one that it gets here. */
function placeOf(registry: MetricRegistry): string {
  const place = places.get(registry) ?? `registry ${++placeCount}`;
  places.set(registry, place);
  return place;
}

function defaultRegistries(): FoundRegistry[] {
  const found: FoundRegistry[] = [];
  for (const file in cache) {
    if (!MAIN_FILES.some((end) => file.endsWith(end))) continue;
    const registry: unknown = cache[file]?.exports?.register;
    if (!isMetricRegistry(registry)) continue;
    found.push({ registry, place: path.dirname(file) });
  }
  return found;
}
