/** `npm run test:lb`: exit code 0 nothing lost, 1 a loss, 2 usage. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { haproxySkipReason } from "../support/haproxy.ts";
import { nginxSkipReason } from "../support/nginx.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { HELP, type LbOptions, parseOptions } from "./lb-options.ts";
import { killTable, rollingTable } from "./lb-report.ts";
import { openNetwork } from "./open-network.ts";
import type { Network } from "./place.ts";
import { type LbOutcome, runLb } from "./run-lb.ts";

const SKIP_REASONS = { haproxy: haproxySkipReason, nginx: nginxSkipReason };

let network: Network | undefined;
await runCheck({
  name: "test:lb",
  main: async (args) => {
    const options = parseOptions(args);
    if (options) await run(options);
    else process.stdout.write(HELP);
  },
  cleanUp: [stopAllDaemons, () => network?.close(), removeTemporaryFolders],
});

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
