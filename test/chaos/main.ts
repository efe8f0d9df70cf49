/** `npm run chaos`: exit code 0 it stood it, 1 it did not, 2 wrong arguments. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { ChaosUsageError, helpText, parseOptions } from "./options.ts";
import { reportText } from "./report.ts";
import { type ChaosOptions, runChaos } from "./run-chaos.ts";

const ENDING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const interrupted = new Promise<never>((_, reject) => {
  for (const [signal, code] of Object.entries(ENDING_SIGNALS)) {
    process.once(signal, () => {
      process.exitCode = code;
      reject(new Error(signal));
    });
  }
});
interrupted.catch(() => {}); // wherever the run is, it hears of it

// Progress is no result: it goes where a pipe does not see it.
const say = (line: string) => process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await Promise.race([run(options), interrupted]);
  else process.stdout.write(helpText());
} catch (error) {
  const isUsage = error instanceof ChaosUsageError;
  say(`chaos: ${(error as Error).message}${isUsage ? "; see --help" : ""}`);
  process.exitCode ??= isUsage ? 2 : 1;
} finally {
  await stopAllDaemons();
  removeTemporaryFolders();
  process.exit();
}

async function run(
  options: Omit<ChaosOptions, "folder" | "say">,
): Promise<void> {
  ensureFreshBuild();
  const { scheduling, workers, seed } = options;
  process.stdout.write(
    `${machineText(thisMachine())}\n` +
      `${scheduling}, ${workers} workers, --seed ${seed}\n\n`,
  );
  const folder = temporaryFolder();
  const outcome = await runChaos({ ...options, folder, say });
  process.stdout.write(`${reportText(outcome)}\n`);
  if (outcome.problems.length > 0) process.exitCode = 1;
}
