/**
 * `PEERS=<folder of checkouts> npm run peers -- [--part 1/8] [projects]`: the
 * tests of other projects, under `node:http` and over Remuda's stack. A part is
 * every eighth of a suite's files, for a short run. Exit code 0 if all that
 * differs is in differences.ts, 1 if not, 2 usage, 3 if all that could be run is
 * as it should be, and some could not be installed.
 */
import path from "node:path";
import {
  namedItem,
  parseCheckArguments,
  partFlag,
} from "../support/check-arguments.ts";
import { runCheck, say } from "../support/run-check.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { buildPreload } from "./build-preload.ts";
import { checkoutOf, InstallError } from "./checkout.ts";
import { differenceOf } from "./differences.ts";
import { endAllCommands, type Part, runSuite } from "./run-suite.ts";
import { SUITES, type Suite } from "./suites.ts";
import { lostIn, passedIn, type TestResults } from "./test-results.ts";

interface Place {
  readonly scratch: string;
  readonly preload: string;
  readonly part: Part;
}

const ERROR_LINES = 6;
const NOT_INSTALLED = 3;

await runCheck({
  name: "peers",
  main,
  cleanUp: [endAllCommands, removeTemporaryFolders],
});

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseCheckArguments(
    args,
    { part: { type: "string", default: "1/1" } },
    { allowPositionals: true },
  );
  const part = partFlag("part", values.part);
  const named = positionals.map((each) => namedItem("project", each, SUITES));
  const scratch = temporaryFolder();
  const preload = await buildPreload(path.join(scratch, "preload"));
  for (const suite of named.length > 0 ? named : SUITES) {
    try {
      await compare(suite, { scratch, preload, part });
    } catch (error) {
      if (!(error instanceof InstallError)) throw error;
      process.stdout.write(`${suite.name}: not run: ${error.message}\n`);
      process.exitCode ??= NOT_INSTALLED;
    }
  }
}

async function compare(suite: Suite, place: Place): Promise<void> {
  const { name } = suite;
  const { scratch, part } = place;
  const { PEERS: peers } = process.env;
  say(`${name} …`);
  const folder = await checkoutOf(suite, { peers, scratch });
  if (folder === undefined) {
    process.stdout.write(`${name}: not in PEERS\n`);
    return;
  }
  const startedAt = performance.now();
  const run = (how: string, preload?: string) => {
    const file = path.join(scratch, `${name}-${how}.jsonl`);
    return runSuite(suite, { folder, file, preload, part });
  };
  const plain = await run("plain");
  const hosted = await run("hosted", place.preload);
  let lost = lostIn(plain, hosted);
  if (isAnyUnknown(name, lost)) {
    // One that fails by chance does not fail twice.
    const again = await run("again", place.preload);
    const twice = lostIn(plain, again);
    lost = new Map([...lost].filter(([test]) => twice.has(test)));
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  report(name, { plain, hosted, lost, seconds });
}

function isAnyUnknown(project: string, lost: TestResults): boolean {
  return [...lost.keys()].some((test) => !differenceOf(project, test));
}

function report(
  project: string,
  results: {
    readonly plain: TestResults;
    readonly hosted: TestResults;
    readonly lost: TestResults;
    readonly seconds: number;
  },
): void {
  const { plain, hosted, lost, seconds } = results;
  const [before, now] = [plain, hosted].map((each) => passedIn(each).length);
  const lines = [
    `${project}: ${before} of ${plain.size} pass under node:http, ` +
      `${now} of ${hosted.size} under Remuda (${seconds} s)`,
  ];
  for (const [test, error = ""] of lost) {
    const known = differenceOf(project, test);
    if (known) {
      lines.push(`  meant: ${test}`, `    ${known.reason} (${known.clause})`);
      continue;
    }
    const cause = error.split("\n").slice(0, ERROR_LINES);
    lines.push(`  FAIL: ${test}`, ...cause.map((line) => `    ${line}`));
  }
  if (before === 0 || isAnyUnknown(project, lost)) process.exitCode = 1;
  process.stdout.write(`${lines.join("\n")}\n`);
}
