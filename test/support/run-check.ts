/** The main program of a long check, as `npm run chaos`. */
export interface Check {
  /** Begins its messages: `chaos`. */
  readonly name: string;
  /** Sets `process.exitCode` to 1 if the check failed. */
  readonly main: (args: readonly string[]) => Promise<void>;
  /** What `main` throws for a wrong command line: exit code 2. */
  readonly UsageError: abstract new (
    ...args: never[]
  ) => Error;
  /** Called last, in this order, after an interrupt or a failure too. */
  readonly cleanUp: readonly (() => void | Promise<void>)[];
}

/** By signal, the exit code that a shell expects. */
const ENDING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the check and ends the process, leaving nothing of it behind. */
export async function runCheck(check: Check): Promise<never> {
  const { name, main, UsageError, cleanUp } = check;
  const interrupted = interruption();
  try {
    await Promise.race([main(process.argv.slice(2)), interrupted]);
  } catch (error) {
    const isUsage = error instanceof UsageError;
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

/** Prints progress on standard error, away from results in a pipe. */
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
  interrupted.catch(() => {}); // before the race begins, or after it ended
  return interrupted;
}
