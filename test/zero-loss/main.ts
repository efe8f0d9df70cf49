/** `npm run zero-loss`: exit code 0 nothing lost, 1 something, 2 wrong words. */
import { parseArgs } from "node:util";
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { table } from "../../bench/table.ts";
import { Subject } from "../operations/subject.ts";
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

Does each operation again and again under the load of 32 keep-alive clients
that never repeat a request, in both schedulings, and counts what is lost.

Options:
  --seconds N      each operation for so long, in each scheduling (20)
  --max-pause-ms N clients pause for up to so long before each request (50)
  -h, --help       this text
`;

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  seconds: { type: "string", default: "20" },
  "max-pause-ms": { type: "string", default: "50" },
} as const;

class ZeroLossUsageError extends Error {}

await runCheck({
  name: "zero-loss",
  UsageError: ZeroLossUsageError,
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

/** @throws ZeroLossUsageError */
function options(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS });
    const [seconds, maxPauseMs] = [values.seconds, values["max-pause-ms"]].map(
      (text) => {
        const value = Number(text);
        if (text !== "" && value >= 0 && value < 1e6) return value;
        throw new Error(`"${text}" is no number of that kind`);
      },
    );
    const { help } = values;
    return { help, seconds: seconds ?? 0, maxPauseMs: maxPauseMs ?? 0 };
  } catch (error) {
    throw new ZeroLossUsageError((error as Error).message);
  }
}
