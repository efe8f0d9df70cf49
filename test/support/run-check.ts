import { CheckUsageError } from "./check-arguments.ts";

/** The main program of a long check, such as `npm run chaos`. */
export interface Check {
  /** Prefix of error messages: `chaos`. */
  readonly name: string;
  /** Sets `process.exitCode` to 1 if the check fails. */
  readonly main: (args: readonly string[]) => Promise<void>;
  /** Called last and in this order, even after an interrupt or a failure. */
  readonly cleanUp: readonly (() => void | Promise<void>)[];
}

/** Exit codes by signal, as in a shell. */
const ENDING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the check, cleans up and ends the process. */
export async function runCheck(check: Check): Promise<never> {
  const { name, main, cleanUp } = check;
  const interrupted = interruption();
  try {
    await Promise.race([main(process.argv.slice(2)), interrupted]);
  } catch (error) {
    const isUsage = error instanceof CheckUsageError;
    const message = error instanceof Error ? error.message : String(error);
    say(`${name}: ${message}${isUsage ? "; see --help" : ""}`);
    process.exitCode ??= isUsage ? 2 : 1;
  }
  for (const step of cleanUp) {
    try {
      await step();
    } catch (error) {
      say(`${name}: ${error}`);
      process.exitCode ||= 1;
    }
  }
  process.exit();
}

/** Prints progress on standard error, apart from results on standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const [signal, code] of Object.entries(ENDING_SIGNALS)) {
      process.once(signal, () => {
        process.exitCode = code;
        reject(new Error(signal));
      });
    }
  });
  interrupted.catch(() => {}); // may reject before or after the race
  return interrupted;
}
