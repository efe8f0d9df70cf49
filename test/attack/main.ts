/** `npm run attack`: exit code 0 passed, 1 failed, 2 usage. */
import path from "node:path";
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { helpText, type Options, parseOptions } from "./attack-options.ts";
import { reportText } from "./attack-report.ts";
import { runAttack } from "./run-attack.ts";

await runCheck({
  name: "attack",
  main: async (args) => {
    const options = parseOptions(args);
    if (options) await run(options);
    else process.stdout.write(helpText());
  },
  cleanUp: [stopAllDaemons, removeTemporaryFolders],
});

async function run({ attacks, schedulings, seconds }: Options): Promise<void> {
  ensureFreshBuild();
  process.stdout.write(`${machineText(thisMachine())}, ${seconds} s each\n\n`);
  const root = temporaryFolder();
  const pairs = schedulings.flatMap((scheduling) => {
    return attacks.map((attack) => ({ attack, scheduling }));
  });
  const outcomes = await Promise.all(
    pairs.map(({ attack, scheduling }) => {
      const folder = path.join(root, `${attack.name}-${scheduling}`);
      return runAttack({ attack, scheduling, seconds, folder, say });
    }),
  );
  process.stdout.write(`${reportText(outcomes)}\n`);
  if (outcomes.some(({ problems }) => problems.length > 0)) {
    process.exitCode = 1;
  }
}
