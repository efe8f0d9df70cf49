import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Runner, Suite } from "./suites.ts";
import { readResults, type TestResults } from "./test-results.ts";

const REPORTERS = path.join(import.meta.dirname, "reporters");

const DEFAULT_SECONDS = 300;

const COMMANDS: Readonly<Record<Runner, readonly string[]>> = {
  mocha: [
    "node_modules/mocha/bin/_mocha",
    ...["--exit", "--reporter", path.join(REPORTERS, "mocha.cjs")],
  ],
  node: [
    ...["--test", "--test-concurrency=1", "--test-timeout=60000"],
    `--test-reporter=${path.join(REPORTERS, "node-test.mjs")}`,
    "--test-reporter-destination=stdout",
  ],
  script: [path.join(REPORTERS, "script.mjs")],
  vitest: [
    ...["node_modules/vitest/vitest.mjs", "run"],
    `--reporter=${path.join(REPORTERS, "vitest.mjs")}`,
  ],
};

/** Every `of`th file, from the `number`th on. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

export interface RunOptions {
  /** The checkout. */
  readonly folder: string;
  /** Where the results go. */
  readonly file: string;
  /** Loaded before all else in every process of the suite. */
  readonly preload?: string | undefined;
  /** Of the files that a pattern matches. */
  readonly part: Part;
}

const running = new Set<number>();

/** Runs the tests, until the suite's time is over. */
export async function runSuite(
  { runner, nodeArgs = [], args, seconds = DEFAULT_SECONDS }: Suite,
  { folder, file, preload, part }: RunOptions,
): Promise<TestResults> {
  // Also for the processes that a suite starts.
  const options = [...nodeArgs];
  if (preload) options.push(`--import=${pathToFileURL(preload)}`);
  const files = args.flatMap((each) => {
    return each.includes("*") ? partOf(matching(each, folder), part) : [each];
  });
  const all = [...COMMANDS[runner], ...files];
  await runCommand(process.execPath, all, {
    folder,
    seconds,
    variables: {
      NODE_ENV: "test",
      // Node's tests would complain of those of the preload.
      NODE_TEST_KNOWN_GLOBALS: "0",
      NODE_OPTIONS: options.join(" "),
      PEER_RESULTS: file,
    },
  });
  return readResults(file);
}

function partOf(files: readonly string[], { number, of }: Part) {
  return files.toSorted().filter((_, index) => index % of === number - 1);
}

/** The files of a pattern with a star in it. */
function matching(pattern: string, folder: string): readonly string[] {
  const star = pattern.indexOf("/*");
  if (star < 0) return matchingName(pattern, folder);
  const root = pattern.slice(0, star);
  const [middle = "", end = ""] = pattern.slice(star + 1).split(/\*(?=[^*]*$)/);
  return readdirSync(path.join(folder, root), {
    recursive: middle === "**/",
    encoding: "utf8",
  })
    .filter((file) => file.endsWith(end))
    .map((file) => path.join(root, file));
}

/** The files of a pattern with a star within their names. */
function matchingName(pattern: string, folder: string): readonly string[] {
  const root = path.dirname(pattern);
  const [start = "", end = ""] = path.basename(pattern).split("*");
  return readdirSync(path.join(folder, root))
    .filter((file) => file.startsWith(start) && file.endsWith(end))
    .map((file) => path.join(root, file));
}

/** @returns its exit code, and the end of what it has printed */
export function runCommand(
  command: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly seconds: number;
    readonly variables?: NodeJS.ProcessEnv;
  },
): Promise<{ code: number | null; text: string }> {
  const child = spawn(command, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.variables },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which ends with those that it has started.
    detached: true,
  });
  const { pid } = child;
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text = `${text}${chunk}`.slice(-4_000);
    });
  }
  if (pid !== undefined) running.add(pid);
  const timer = setTimeout(() => endGroup(pid), options.seconds * 1_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(timer);
      endGroup(pid);
      if (pid !== undefined) running.delete(pid);
      resolve({ code, text });
    });
  });
}

/** For the end of the program. */
export function endAllCommands(): void {
  for (const pid of running) endGroup(pid);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
