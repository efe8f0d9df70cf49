/** `npm run attack`: exit code 0 all stood, 1 one did not, 2 usage. */
import path from "node:path";
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import {
  AttackUsageError,
  helpText,
  type Options,
  parseOptions,
} from "./options.ts";
import { reportText } from "./report.ts";
import { runAttack } from "./run-attack.ts";

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
  const isUsage = error instanceof AttackUsageError;
  say(`attack: ${(error as Error).message}${isUsage ? "; see --help" : ""}`);
  process.exitCode ??= isUsage ? 2 : 1;
} finally {
  await stopAllDaemons().catch((error) => say(String(error)));
  removeTemporaryFolders();
  process.exit();
}

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
