import path from "node:path";
import type { FuzzReport } from "./run-fuzz.ts";

/** A table of the tried properties, and the failures. */
export function reportText({ seed, tried, failures }: FuzzReport): string {
  const rows = [...tried].map(([name, { inputs, seconds }]) => {
    return rowOf(name, inputs, seconds);
  });
  const all = [...tried.values()];
  const inputs = all.reduce((sum, one) => sum + one.inputs, 0);
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  const head = line("property", "inputs", "per second");
  const found = failures.map(({ file, kept }) => {
    const [error] = kept.error.split("\n");
    return `\n${kept.property} failed: ${error}\n  kept: ${shown(file)}`;
  });
  return [
    head,
    ...rows,
    rowOf("all", inputs, seconds),
    `\nseed ${seed}, failures: ${failures.length}`,
    ...found,
    "",
  ].join("\n");
}

function rowOf(name: string, inputs: number, seconds: number): string {
  const perSecond = seconds > 0 ? Math.round(inputs / seconds) : 0;
  return line(
    name,
    inputs.toLocaleString("en"),
    perSecond.toLocaleString("en"),
  );
}

function line(name: string, inputs: string, perSecond: string): string {
  return `${name.padEnd(20)}${inputs.padStart(12)}${perSecond.padStart(12)}`;
}

function shown(file: string): string {
  return path.relative(process.cwd(), file);
}
