import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { count } from "../count.ts";
import { ensureFreshBuild } from "../fresh-build.ts";
import { machineText, thisMachine } from "../machine.ts";
import { parsedArguments } from "../parsed-arguments.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import { table } from "../table.ts";
import { clusterTimes } from "./cluster-times.ts";
import { nginxTimes } from "./nginx-times.ts";
import { pm2Times } from "./pm2-times.ts";
import { remudaSurgeTimes, remudaTimes } from "./remuda-times.ts";
import type { RunningSubject, TimesSubject } from "./times-subject.ts";

const SUBJECTS = [
  remudaTimes,
  remudaSurgeTimes,
  pm2Times,
  clusterTimes,
  nginxTimes,
];
/** A worker that dies younger is waited for by some, in case it would again. */
const STABLE_MS = 10_500;

const FLAGS = {
  help: { type: "boolean", short: "h", default: false },
  rounds: { type: "string", default: "7" },
  "no-build": { type: "boolean", default: false },
  json: { type: "string" },
} as const;

interface Times {
  readonly name: string;
  readonly reloadedBy: string | undefined;
  readonly reloadMs: readonly number[];
  readonly killMs: readonly number[];
}

/** `npm run bench -- times`. @throws BenchUsageError */
export async function runTimesBench(args: readonly string[]): Promise<void> {
  const { values } = parsedArguments(args, FLAGS);
  if (values.help) {
    process.stdout.write(helpText());
    return;
  }
  const rounds = count("rounds", values.rounds);
  if (!values["no-build"]) ensureFreshBuild();
  const all: Times[] = [];
  for (const subject of SUBJECTS) {
    const missing = subject.missing();
    if (missing === undefined) all.push(await timesOf(subject, rounds));
    else process.stderr.write(`without ${subject.name}: ${missing}\n`);
  }
  const machine = thisMachine();
  const heading = `times: median of ${rounds}, two workers`;
  process.stdout.write(`${heading}\n${machineText(machine)}\n\n`);
  process.stdout.write(`${report(all)}\n`);
  if (values.json === undefined) return;
  const at = new Date().toISOString();
  const text = JSON.stringify({ at, machine, rounds, all }, null, 2);
  writeFileSync(values.json, `${text}\n`);
}

async function timesOf(subject: TimesSubject, rounds: number): Promise<Times> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-times-"));
  const { name, reloadedBy } = subject;
  try {
    const running = await subject.start(folder);
    try {
      const reloadMs = await reloads(running, rounds);
      const killMs = await kills(running, rounds);
      return { name, reloadedBy, reloadMs, killMs };
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function reloads(
  running: RunningSubject,
  rounds: number,
): Promise<number[]> {
  const times: number[] = [];
  // The first one fills the caches of the disk, and does not count.
  await running.reload?.();
  while (running.reload && times.length < rounds) {
    times.push(await running.reload());
    process.stderr.write(`reload ${times.length} of ${rounds}\n`);
  }
  return times;
}

async function kills(
  running: RunningSubject,
  rounds: number,
): Promise<number[]> {
  const times: number[] = [];
  while (times.length < rounds) {
    await delay(STABLE_MS);
    times.push(await running.killWorker());
    process.stderr.write(`kill ${times.length} of ${rounds}\n`);
  }
  return times;
}

function report(all: readonly Times[]): string {
  const rows = all.map(({ name, reloadedBy, reloadMs, killMs }) => [
    name,
    reloadedBy ?? "–",
    reloadMs.length > 0 ? spread(spreadOf(reloadMs)) : "–",
    spread(spreadOf(killMs)),
  ]);
  const head = ["server", "reloaded by", "reload ms", "restart ms"];
  return table([head, ...rows]);
}

function spread({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map(Math.round);
  return `${middle} (${least}–${most})`;
}

function helpText(): string {
  return `npm run bench -- times [options]

Times how long two workers of a server without load take to be replaced:
"reload" is from what begins it to the last new worker ready, "restart" from
KILL to a worker to its successor ready. pm2 is installed into a temporary
folder, nginx has to be there.

Options:
  --rounds N      reloads and kills of each server (${FLAGS.rounds.default})
  --no-build      measure the dist/ that is there, however old
  --json FILE     write all figures to a file
  -h, --help      this text
`;
}
