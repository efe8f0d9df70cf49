import type { InspectionProgress } from "../../shared/control/control-answer.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import { bytesText, durationText, shareText } from "../display/format.ts";
import {
  outputOption,
  queryOf,
  workerOption,
} from "../inspection/inspection-flags.ts";
import { recordFile } from "../inspection/record-file.ts";

interface SnapshotInput extends DaemonInput {
  readonly worker: number | undefined;
  readonly yes: boolean;
  readonly output: string | undefined;
}

interface SnapshotFlags extends DaemonFlags {
  readonly worker?: number;
  readonly yes?: boolean;
  readonly output?: string;
}

const EXTENSION = "heapsnapshot";
const COST =
  "A heap snapshot stops its worker until the heap is read: a second for some " +
  "5 MB of small objects. Meanwhile the worker gets no new connections, its " +
  "requests wait, and it needs up to ten times its memory.";
/** Steps of the progress that are shown. */
const SHOWN_SHARE = 0.25;

/** `remuda heap-snapshot` */
export function heapSnapshotCommand(accept: Accept): CliCommand {
  const command = new CliCommand("heap-snapshot")
    .about(
      "Write all objects in the heap of a worker into a file",
      `The file opens in the Memory panel of DevTools. ${COST}`,
    )
    .calledElsewhere("heapdump", "heap-dump", "heapsnapshot", "snapshot")
    .addOption(workerOption("The worker in this slot [the first]"))
    .addOption(outputOption(EXTENSION))
    .option("--yes", "Even if no other worker is ready");
  return withDaemonFlags(command).action((flags: SnapshotFlags) => {
    const { worker, yes = false, output } = flags;
    const target = daemonTarget(flags);
    accept("heap-snapshot", { target, worker, yes, output }, run);
  });
}

function run({ target, output, ...asked }: SnapshotInput): Promise<number> {
  process.stderr.write(`remuda: note: ${COST}\n`);
  return recordFile(target, {
    ...{ name: "heap-snapshot", extension: EXTENSION, output },
    path: `heap-snapshot${queryOf(asked)}`,
    text: progressText(),
  });
}

/** The line for each step; parts of the heap are shown by quarters. */
function progressText() {
  let shown = 0;
  return (progress: InspectionProgress): string | undefined => {
    switch (progress.step) {
      case "chosen": {
        const { slot, pid, memoryBytes } = progress;
        const memory = `${bytesText(memoryBytes)} of memory`;
        return `worker ${slot} (pid ${pid}, ${memory}) stops`;
      }
      case "reading": {
        const share = progress.done / Math.max(1, progress.total);
        if (share < shown + SHOWN_SHARE) return undefined;
        shown = share;
        return `${shareText(share)} of the heap is read`;
      }
      case "taken":
        return `the worker goes on after ${durationText(progress.seconds)}`;
      case "begun":
        return undefined;
      default:
        return progress satisfies never;
    }
  };
}
