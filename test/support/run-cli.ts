import { once } from "node:events";
import { text } from "node:stream/consumers";
import { type CliOptions, spawnCli } from "./spawn-cli.ts";

export interface CliResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCliOptions extends CliOptions {
  /** Time until the process is killed and the promise rejects. Default 30 s. */
  readonly timeoutMs?: number;
}

/** Runs the built `remuda` command to its end. */
export async function runCli(
  args: readonly string[],
  { timeoutMs = 60_000, ...options }: RunCliOptions = {},
): Promise<CliResult> {
  const child = spawnCli(args, options);
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  try {
    const [[code, signal], stdout, stderr] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    if (signal === "SIGKILL") {
      const command = args.join(" ");
      throw new Error(`remuda ${command}: killed\n${stdout}\n${stderr}`);
    }
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}
