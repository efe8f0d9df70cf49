import { Option } from "commander";
import type { InspectionProgress } from "../../shared/control/control-answer.ts";
import { MAX_RECORDING_SECONDS } from "../../shared/inspection/inspection-limits.ts";
import { CliCommand } from "../command-line/cli-command.ts";
import {
  type DaemonFlags,
  type DaemonInput,
  daemonTarget,
  withDaemonFlags,
} from "../command-line/daemon-flags.ts";
import type { Accept } from "../command-line/invocation.ts";
import {
  outputOption,
  queryOf,
  secondsOption,
  workerOption,
} from "../inspection/inspection-flags.ts";
import { recordFile } from "../inspection/record-file.ts";

interface ProfileInput extends DaemonInput {
  readonly worker: number | undefined;
  readonly slowest: boolean;
  readonly seconds: number;
  readonly output: string | undefined;
}

interface ProfileFlags extends DaemonFlags {
  readonly worker?: number;
  readonly slowest?: boolean;
  readonly seconds?: number;
  readonly output?: string;
}

const DEFAULT_SECONDS = 10;
/** A recording may be shorter than asked for by this. */
const INEXACT_SECONDS = 0.5;

/** `remuda profile` */
export function profileCommand(accept: Accept): CliCommand {
  const help = "Time to record";
  const command = recorded("profile", "cpuprofile", help)
    .about(
      "Record which functions of a worker take CPU time",
      "The file opens in the Performance panel of DevTools. The worker goes on " +
        "and is somewhat slower. A blocked event loop is recorded as well.",
    )
    .calledElsewhere("prof", "cpu-profile", "flame", "flamegraph")
    .addOption(slowestOption());
  return withDaemonFlags(command).action((flags: ProfileFlags) => {
    accept("profile", inputOf(flags), runProfile);
  });
}

/** `remuda heap-profile` */
export function heapProfileCommand(accept: Accept): CliCommand {
  const help = "Time to record";
  const command = recorded("heap-profile", "heapprofile", help).about(
    "Record which functions of a worker allocate what it keeps",
    "Allocations are sampled. The file opens in the Memory panel of DevTools. " +
      "The worker goes on.",
  );
  return withDaemonFlags(command).action((flags: ProfileFlags) => {
    accept("heap-profile", inputOf(flags), runHeapProfile);
  });
}

function slowestOption(): Option {
  const help = "The worker whose event loop is blocked or the busiest";
  return new Option("--slowest", help).conflicts("worker");
}

function recorded(name: string, extension: string, help: string): CliCommand {
  return new CliCommand(name)
    .addOption(workerOption("The worker in this slot [the first]"))
    .addOption(secondsOption(help, DEFAULT_SECONDS, MAX_RECORDING_SECONDS))
    .addOption(outputOption(extension));
}

function inputOf(flags: ProfileFlags): ProfileInput {
  const { worker, slowest = false, seconds = DEFAULT_SECONDS, output } = flags;
  return { target: daemonTarget(flags), worker, slowest, seconds, output };
}

function runProfile(input: ProfileInput): Promise<number> {
  return record("profile", "cpuprofile", input);
}

function runHeapProfile(input: ProfileInput): Promise<number> {
  return record("heap-profile", "heapprofile", input);
}

function record(
  name: string,
  extension: string,
  { target, output, ...asked }: ProfileInput,
): Promise<number> {
  return recordFile(target, {
    ...{ name, extension, output },
    path: `${name}${queryOf(asked)}`,
    text: (progress) => textOf(progress, asked.seconds),
  });
}

function textOf(
  progress: InspectionProgress,
  seconds: number,
): string | undefined {
  switch (progress.step) {
    case "chosen": {
      const { slot, pid } = progress;
      return `recording worker ${slot} (pid ${pid}) for ${seconds} s`;
    }
    case "taken": {
      const isShort = progress.seconds < seconds - INEXACT_SECONDS;
      if (!isShort) return undefined;
      const recorded = progress.seconds.toFixed(1);
      return `the worker is about to be killed: only ${recorded} s are recorded`;
    }
    case "begun":
    case "reading":
      return undefined;
    default:
      return progress satisfies never;
  }
}
