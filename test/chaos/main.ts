/** `npm run chaos`: exit code 0 passed, 1 failed, 2 usage. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { helpText, parseOptions } from "./chaos-options.ts";
import { reportText } from "./chaos-report.ts";
import { type ChaosOptions, runChaos } from "./run-chaos.ts";

await runCheck({
  name: "chaos",
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
