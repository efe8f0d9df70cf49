import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/**
 * Ratios of Remuda's CPU per request to that of `node:http`, by what they
 * depend on beside Remuda: who asks, and which Node answers; then by scenario.
 */
export type Baseline = Readonly<
  Record<string, Readonly<Record<string, number>>>
>;

export const baselineFile = path.join(import.meta.dirname, "baseline.json");

const schema = z.record(
  z.string(),
  z.record(z.string(), z.number().positive()),
);

/** Under what a run's ratios are kept: `wrk, Node 20`. */
export function baselineKey(load: string, nodeVersion: string): string {
  const [major = ""] = nodeVersion.replace(/^v/, "").split(".");
  return `${load}, Node ${major}`;
}

/** @throws Error where the file is not what `guard --update` writes */
export function readBaseline(file = baselineFile): Baseline {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const remedy = '"npm run bench -- guard --update" writes one';
    throw new Error(`${file} is no baseline of the guard; ${remedy}`, {
      cause,
    });
  }
}

/** Keeps those of other loads and Nodes. */
export function writeBaseline(
  key: string,
  ratios: Readonly<Record<string, number>>,
  file = baselineFile,
): void {
  const all = { ...readBaseline(file), [key]: ratios };
  const sorted = Object.entries(all).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const text = JSON.stringify(Object.fromEntries(sorted), undefined, 2);
  writeFileSync(file, `${text}\n`);
}
