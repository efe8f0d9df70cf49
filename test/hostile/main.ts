/** `npm run hostile`: exit code 0 passed, 1 failed, 2 usage. */
import { writeFileSync } from "node:fs";
import { ensureFreshBuild } from "../../bench/fresh-build.ts";
import { machineText, thisMachine } from "../../bench/machine.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { runCheck, say } from "../support/run-check.ts";
import { Arena, timeoutArgs } from "./arena.ts";
import { connectionMemory } from "./connection-memory.ts";
import { Helper, stopAllHelpers } from "./helper.ts";
import {
  type HostileOptions,
  helpText,
  parseOptions,
} from "./hostile-options.ts";
import { allChecks, report, unmet } from "./hostile-report.ts";
import { harmChecks, latencyCheck, type Outcome } from "./judge.ts";
import type { HostileKind } from "./kind.ts";

const WARMUP_SECONDS = 3;

await runCheck({
  name: "hostile",
  main: async (args) => {
    const options = parseOptions(args);
    if (options) await run(options);
    else process.stdout.write(helpText());
  },
  cleanUp: [stopAllHelpers, stopAllDaemons],
});

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

/** Uses a new daemon per kind, so that no attack affects the next. */
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
