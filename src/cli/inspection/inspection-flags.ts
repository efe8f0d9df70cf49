/** Flags of the commands that look into a worker. */
import { Option } from "commander";
import { MAX_WORKERS } from "../../shared/max-workers.ts";
import { integerValue } from "../command-line/integer-value.ts";

const HEADING = "What to inspect:";

/** `--worker N` */
export function workerOption(help: string): Option {
  const range = { min: 1, max: MAX_WORKERS };
  return new Option("--worker <N>", help)
    .argParser(integerValue("--worker", range))
    .helpGroup(HEADING);
}

/** `--seconds N` */
export function secondsOption(
  help: string,
  defaultSeconds: number,
  max: number,
): Option {
  const text = `${help}, at most ${max} [${defaultSeconds}]`;
  return new Option("--seconds <N>", text)
    .argParser(integerValue("--seconds", { min: 1, max }))
    .helpGroup(HEADING);
}

/** `--output FILE` */
export function outputOption(extension: string): Option {
  const name = `remuda-worker-N-TIME.${extension}`;
  const text = `New file to write [${name}]`;
  return new Option("--output <FILE>", text).helpGroup(HEADING);
}

/** The query of a call; undefined values are left out. */
export function queryOf(
  values: Readonly<Record<string, number | boolean | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    query.set(name, value === true ? "" : String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
