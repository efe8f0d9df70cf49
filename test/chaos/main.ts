/** `npm run chaos`: exit code 0 it stood it, 1 it did not, 2 wrong arguments. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { ChaosUsageError, helpText, parseOptions } from "./options.ts";
import { reportText } from "./report.ts";
import { type ChaosOptions, runChaos } from "./run-chaos.ts";

await runCheck({
  name: "chaos",
  UsageError: ChaosUsageError,
  main: async (args) => {
    const options = parseOptions(args);
    if (options) await run(options);
    else process.stdout.write(helpText());
  },
  cleanUp: [stopAllDaemons, removeTemporaryFolders],
});

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
