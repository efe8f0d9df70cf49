/** `npm run test:lb`: exit code 0 nothing lost, 1 something, 2 wrong words. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { haproxySkipReason } from "../support/haproxy.ts";
import { nginxSkipReason } from "../support/nginx.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { openNetwork } from "./open-network.ts";
import { HELP, type LbOptions, LbUsageError, parseOptions } from "./options.ts";
import type { Network } from "./place.ts";
import { killTable, rollingTable } from "./report.ts";
import { type LbOutcome, runLb } from "./run-lb.ts";

const SKIP_REASONS = { haproxy: haproxySkipReason, nginx: nginxSkipReason };
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

let network: Network | undefined;
// Progress is no result: it goes where a pipe does not see it.
const say = (line: string) => process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await Promise.race([run(options), interrupted]);
  else process.stdout.write(HELP);
} catch (error) {
  const isUsage = error instanceof LbUsageError;
  say(`test:lb: ${(error as Error).message}${isUsage ? "; see --help" : ""}`);
  process.exitCode ??= isUsage ? 2 : 1;
} finally {
  // What is interrupted leaves nothing either: the rest dies with this process.
  await stopAllDaemons().catch((error) => say(String(error)));
  network?.close();
  removeTemporaryFolders();
  process.exit();
}

async function run(options: LbOptions): Promise<void> {
  const balancers = options.balancers.filter((name) => {
    const reason = SKIP_REASONS[name];
    if (reason !== false) say(`skipped: ${reason}`);
    return reason === false;
  });
  ensureFreshBuild();
  network = await openNetwork(2);
  process.stdout.write(
    `${machineText(thisMachine())}\n` +
      `two instances of two workers in ${network.description}\n\n`,
  );
  const folder = temporaryFolder();
  report(await runLb({ ...options, balancers, network, folder, say }));
}

function report({ proofs, kills }: LbOutcome): void {
  if (proofs.length > 0) process.stdout.write(`${rollingTable(proofs)}\n\n`);
  if (kills.length > 0) process.stdout.write(`${killTable(kills)}\n`);
  const faults = proofs.flatMap((proof) => proof.faults);
  for (const fault of faults) process.stdout.write(`FAULT: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}
