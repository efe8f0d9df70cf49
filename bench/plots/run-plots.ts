import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parsedArguments } from "../parsed-arguments.ts";
import { readResults, resultsFolder } from "../results-file.ts";
import { BenchUsageError } from "../usage-error.ts";
import { drawPlots } from "./draw-plots.ts";

/** Of the pictures in docs/performance.md. */
export const imagesFolder = path.join(import.meta.dirname, "../../docs/images");

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  results: { type: "string", default: resultsFolder },
  images: { type: "string", default: imagesFolder },
} as const;

/** `npm run bench -- plots`. @throws BenchUsageError, Error */
export async function runPlots(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsedArguments(args, FLAGS);
  if (positionals.length > 0) {
    throw new BenchUsageError(`plots takes no "${positionals[0]}"`);
  }
  if (values.help) {
    process.stdout.write(helpText());
    return;
  }
  const results = readResults(values.results);
  if (results.length === 0) {
    throw new Error(
      `no results in ${values.results}; npm run bench -- --save writes some`,
    );
  }
  mkdirSync(values.images, { recursive: true });
  for (const [name, svg] of await drawPlots(results)) {
    const file = path.join(values.images, `${name}.svg`);
    writeFileSync(file, svg);
    process.stdout.write(`written: ${file}\n`);
  }
}

function helpText(): string {
  return `npm run bench -- plots [options]

Draws the results that were saved. Needs what "npm --prefix bench ci" installs.

Options:
  --results FOLDER  where results are (bench/results)
  --images FOLDER   where pictures go (docs/images)
  -h, --help        this text
`;
}
