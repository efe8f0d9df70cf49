import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface CliOptions {
  /** Default: the package root. */
  readonly cwd?: string;
  /** Overrides the test environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The script to run instead of `dist/cli.js`, relative to the root. */
  readonly script?: string;
  /** A program, with arguments, that starts the command. */
  readonly launcher?: readonly string[];
  /** Descriptors to pass to the command, from 3 on. */
  readonly fds?: readonly number[];
}

export type CliProcess = ChildProcessByStdio<null, Readable, Readable>;

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
// Variables that configure the daemon or tie it to the test runner.
const NOT_INHERITED =
  /^(REMUDA_|LISTEN_|(NOTIFY_SOCKET|NODE_TEST_CONTEXT|RUNTIME_DIRECTORY)$)/;

/** Shared default for daemons without their own; removed at exit. */
let runtimeFolder: string | undefined;

function commonRuntimeFolder(): string {
  if (runtimeFolder !== undefined) return runtimeFolder;
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-run-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  runtimeFolder = folder;
  return folder;
}

/** Runs the built `remuda` command. */
export function spawnCli(
  args: readonly string[],
  { launcher = [], fds = [], ...options }: CliOptions = {},
): CliProcess {
  const { cwd = root, env, script = "dist/cli.js" } = options;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !NOT_INHERITED.test(name),
  );
  const command = [process.execPath, path.resolve(root, script), ...args];
  const [program = "", ...given] = [...launcher, ...command];
  return spawn(program, given, {
    cwd,
    env: {
      ...Object.fromEntries(inherited),
      ...(env?.REMUDA_RUNTIME_DIR === undefined && {
        REMUDA_RUNTIME_DIR: commonRuntimeFolder(),
      }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe", ...fds],
  }) as CliProcess;
}
