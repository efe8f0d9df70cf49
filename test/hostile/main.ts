/** `npm run hostile`: exit code 0 all held, 1 one did not, 2 wrong arguments. */
import { writeFileSync } from "node:fs";
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { Arena, timeoutArgs } from "./arena.ts";
import { connectionMemory } from "./connection-memory.ts";
import { Helper, stopAllHelpers } from "./helper.ts";
import { harmChecks, latencyCheck, type Outcome } from "./judge.ts";
import type { HostileKind } from "./kind.ts";
import {
  type HostileOptions,
  HostileUsageError,
  helpText,
  parseOptions,
} from "./options.ts";
import { allChecks, report, unmet } from "./report.ts";

const WARMUP_SECONDS = 3;
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
  const isUsage = error instanceof HostileUsageError;
  say(`hostile: ${(error as Error).message}${isUsage ? "; see --help" : ""}`);
  process.exitCode ??= isUsage ? 2 : 1;
} finally {
  await stopAllHelpers();
  await stopAllDaemons();
  process.exit();
}

async function run(options: HostileOptions): Promise<void> {
  ensureFreshBuild();
  const machine = thisMachine();
  process.stdout.write(`${machineText(machine)}\n`);
  if (options.isMemory) {
    process.stdout.write(`\n${await connectionMemory(say)}\n`);
    return;
  }
  const args = timeoutArgs(options.seconds);
  process.stdout.write(`Settings: defaults, with ${args.join(" ")}\n\n`);
  const outcomes: Outcome[] = [];
  for (const kind of options.kinds) {
    say(`${kind.name}: ${kind.summary}`);
    outcomes.push(await runKind(kind, options));
    tell(outcomes.at(-1) as Outcome);
  }
  process.stdout.write(`${report(outcomes)}\n`);
  writeJson(options, outcomes);
  if (outcomes.some((one) => unmet(one).length > 0)) process.exitCode = 1;
}

/** A daemon of its own for each: what one leaves is not the next one's. */
async function runKind(
  kind: HostileKind,
  { seconds, scale }: HostileOptions,
): Promise<Outcome> {
  const arena = await Arena.start(timeoutArgs(seconds));
  const [load, attacker] = await Promise.all([
    Helper.start("load-process.ts"),
    Helper.start("attack-process.ts"),
  ]);
  const warmupSeconds = WARMUP_SECONDS;
  const timing = { seconds: seconds / 2, warmupSeconds };
  const baseline = await arena.baseline(load, timing);
  const attack = await arena.attack(
    { load, attacker },
    { kind, scale, isLowPriority: true },
    { seconds, warmupSeconds },
  );
  await stopAllHelpers();
  await arena.stop();
  return { kind, scale, baseline, attack };
}

function tell(outcome: Outcome): void {
  for (const { what, isMet, found } of allChecks(outcome)) {
    say(`  ${isMet ? "ok  " : "FAIL"} ${what}: ${found}`);
  }
}

function writeJson(
  { jsonPath, seconds }: HostileOptions,
  outcomes: readonly Outcome[],
): void {
  if (jsonPath === undefined) return;
  const results = outcomes.map((outcome) => ({
    ...outcome,
    kind: outcome.kind.name,
    checks: [...harmChecks(outcome), latencyCheck(outcome)],
  }));
  const at = new Date().toISOString();
  const all = { at, machine: thisMachine(), seconds, results };
  writeFileSync(jsonPath, `${JSON.stringify(all, null, 2)}\n`);
}
