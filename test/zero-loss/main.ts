/** `npm run zero-loss`: exit code 0 nothing lost, 1 a loss, 2 usage. */
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { table } from "../../bench/table.ts";
import { Subject } from "../operations/subject.ts";
import { numberFlag, parseCheckArguments } from "../support/check-arguments.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { faultsOf } from "./faults-of.ts";
import { PHASES } from "./phases.ts";
import { prove } from "./prove.ts";

const HELP = `npm run zero-loss -- [options]

Repeats each operation under the load of 32 keep-alive clients that never
repeat a request, in both schedulings, and counts lost requests.

Options:
  --seconds N      time per operation and scheduling (20)
  --max-pause-ms N longest pause of a client before a request (50)
  -h, --help       this text
`;

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "20" },
  "max-pause-ms": { type: "string", default: "50" },
} as const;

await runCheck({
  name: "zero-loss",
  main,
  cleanUp: [stopAllDaemons, removeTemporaryFolders],
});

async function main(args: readonly string[]): Promise<void> {
  const { help, seconds, maxPauseMs } = options(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  ensureFreshBuild();
  process.stdout.write(`${machineText(thisMachine())}\n\n`);
  const rows: string[][] = [];
  const faults: string[] = [];
  for (const scheduling of ["balanced", "shared"]) {
    const folder = temporaryFolder();
    const subject = await Subject.start({ folder, scheduling, workers: 2 });
    for (const { operation, times } of PHASES) {
      const proof = await prove(subject, {
        ...{ operation, times, seconds, maxPauseMs, seed: 1 },
      });
      const { answered, failureCount, latenciesMs } = proof.report;
      const figures = [proof.done, answered, failureCount];
      rows.push([
        `${operation.name}, ${scheduling}`,
        ...figures.map(String),
        latenciesMs.p99.toFixed(0),
      ]);
      say(rows.at(-1)?.join("  ") ?? "");
      faults.push(...faultsOf(proof));
    }
    await subject.daemon.stop();
  }
  const head = ["operation", "times", "answered", "failed", "p99 ms"];
  process.stdout.write(`${table([head, ...rows])}\n`);
  for (const fault of faults) process.stdout.write(`FAULT: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

/** @throws CheckUsageError */
function options(args: readonly string[]) {
  const { values } = parseCheckArguments(args, FLAGS);
  const { help, seconds, "max-pause-ms": maxPauseMs } = values;
  return {
    help,
    seconds: numberFlag("seconds", seconds, [0, 1e6]),
    maxPauseMs: numberFlag("max-pause-ms", maxPauseMs, [0, 1e6]),
  };
}
