import { type ParseArgsConfig, parseArgs } from "node:util";
import { BenchUsageError } from "./usage-error.ts";

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** Flags and words of a command line. @throws BenchUsageError */
export function parsedArguments<const F extends Flags>(
  args: readonly string[],
  options: F,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new BenchUsageError((error as Error).message);
  }
}
