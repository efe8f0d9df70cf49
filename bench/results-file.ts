/**
 * The results of a scenario as a file, `bench/results/NAME.json`: what the
 * plots, the tables of docs/performance.md and the aims are made from.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Machine } from "./machine.ts";
import type { Spread } from "./statistics.ts";

/** What one server did in one round: metrics by names with units. */
export interface ResultSample {
  readonly server: string;
  readonly round: number;
  readonly [metric: string]: number | string;
}

/** By name of a metric, which says the unit: `p99Ms`, `bytesPerSecond`. */
export type Spreads = Readonly<Record<string, Spread>>;

export interface ScenarioResult {
  /** Its name, and the file's. */
  readonly scenario: string;
  readonly summary: string;
  /** When it began, in ISO 8601. */
  readonly at: string;
  /** Short hash; with `-changed` where the tree had changes. */
  readonly commit: string;
  readonly machine: Machine;
  /** Who asked: `wrk`, `autocannon`, or how a scenario does it itself. */
  readonly load: string;
  /** One line: where server and load ran. */
  readonly pinning: string;
  /** How long and how hard: numbers by names with units. */
  readonly effort: Readonly<Record<string, number>>;
  readonly samples: readonly ResultSample[];
  /** By server, then by metric. */
  readonly medians: Readonly<Record<string, Spreads>>;
  /** Of the first server to each peer, by metric; the median of all rounds. */
  readonly ratios: Readonly<Record<string, Spreads>>;
}

/** Those that are committed. */
export const resultsFolder = path.join(import.meta.dirname, "results");

const count = z.int().positive();
const name = z.string().min(1);
const spread = z.strictObject({
  median: z.number(),
  min: z.number(),
  max: z.number(),
});
const spreads = z.record(name, z.record(name, spread));
const schema = z.strictObject({
  scenario: z.string().regex(/^[a-z][a-z0-9-]*$/),
  summary: name,
  at: z.iso.datetime(),
  commit: z.string().regex(/^[0-9a-f]{7,40}(-changed)?$/),
  machine: z.strictObject({
    cpu: name,
    cores: count,
    memoryGib: z.number(),
    system: name,
    node: name,
  }),
  load: name,
  pinning: name,
  effort: z.record(name, z.number()),
  samples: z
    .array(z.object({ server: name, round: count }).catchall(z.number()))
    .min(1),
  medians: spreads,
  ratios: spreads,
});

/** @returns the path. @throws Error where the result is not of the shape */
export function writeResult(
  result: ScenarioResult,
  folder = resultsFolder,
): string {
  const file = path.join(folder, `${result.scenario}.json`);
  checked(result, file);
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(result, undefined, 2);
  writeFileSync(file, `${text}\n`);
  return file;
}

/** @throws Error that names the file and what is wrong in it */
export function readResult(file: string): ScenarioResult {
  const result = checked(parsed(file), file);
  const { name } = path.parse(file);
  if (result.scenario === name) return result;
  throw unusable(file, `scenario must be "${name}", as the file is called`);
}

/** All of a folder, by name; none where there is no folder. */
export function readResults(folder = resultsFolder): ScenarioResult[] {
  return filesIn(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readResult(path.join(folder, file)));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function parsed(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(file, `it is no JSON: ${(cause as Error).message}`);
  }
}

function checked(value: unknown, file: string): ScenarioResult {
  const { data, error } = schema.safeParse(value);
  if (data) return data as ScenarioResult;
  const [issue] = error.issues;
  const at = issue?.path.join(".");
  throw unusable(file, `${at ? `${at}: ` : ""}${issue?.message}`);
}

function unusable(file: string, why: string): Error {
  const { name } = path.parse(file);
  const remedy = `npm run bench -- ${name} --save writes it anew`;
  return new Error(`${file} is no result: ${why}; ${remedy}`);
}
