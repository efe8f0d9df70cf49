/**
 * Evaluates a config file in another process, which has ended when the result
 * is known. The caller's event loop is not blocked.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ownFile } from "../../own-folder.ts";
import { MAX_CONFIG_BYTES, RESULT_FD } from "./config-channel.ts";
import { childEnvironment, childFlags } from "./config-process-options.ts";

export interface ConfigFile {
  /** Absolute. */
  readonly file: string;
  /** The working folder while it is evaluated. */
  readonly folder: string;
  /** The start of the process included. */
  readonly timeoutMs: number;
}

type Outcome =
  | { readonly type: "result"; readonly text: string }
  /** It ended without a result; `how` completes "it …". */
  | { readonly type: "ended"; readonly how: string }
  | { readonly type: "late" | "tooMuch" };

export type ConfigEnd =
  | (Outcome & {
      /** Text from standard output and standard error. */
      readonly printed: string;
    })
  | { readonly type: "noProcess"; readonly error: NodeJS.ErrnoException };

/** Longest time for a killed process to end, on a busy machine too. */
const EXIT_GRACE_MS = 10_000;
/** Another process may keep the pipes open after the end. */
const CLOSE_GRACE_MS = 250;
const MAX_PRINTED_BYTES = 1024 * 1024;
const PROGRAM = fileURLToPath(
  ownFile("shared/config/config-file/evaluate-config-file"),
);

export function runConfigFile(config: ConfigFile): Promise<ConfigEnd> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => {
      resolve({ type: "noProcess", error });
    };
    try {
      const child = start(config);
      child.on("error", onError);
      if (child.pid === undefined) return;
      new ConfigRun(child, config.timeoutMs, resolve);
    } catch (error) {
      onError(error as NodeJS.ErrnoException);
    }
  });
}

function start({ file, folder }: ConfigFile): ChildProcess {
  const flags = childFlags(process.execArgv);
  const cwd = process.cwd();
  return spawn(process.execPath, [...flags, PROGRAM, file, folder], {
    // The folder of this process may have been removed since.
    cwd: existsSync(cwd) ? cwd : folder,
    env: childEnvironment(process.env),
    // The standard streams, the result, and a pipe that ends with us.
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    // A process group, so that its children can be killed too.
    detached: true,
  });
}

/** One run of the process, until it has ended. */
class ConfigRun {
  readonly #child: ChildProcess;
  readonly #onEnd: (end: ConfigEnd) => void;
  readonly #result = new BoundedText(MAX_CONFIG_BYTES);
  readonly #printed = new BoundedText(MAX_PRINTED_BYTES);
  #outcome: Outcome | undefined;
  #how = "was ended";
  #timer: NodeJS.Timeout;

  constructor(
    child: ChildProcess,
    timeoutMs: number,
    onEnd: (end: ConfigEnd) => void,
  ) {
    this.#child = child;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => this.#end({ type: "late" }), timeoutMs);
    // An error of a pipe is followed by its close.
    for (const stream of child.stdio) stream?.on("error", () => {});
    this.#read(RESULT_FD, this.#result);
    this.#read(1, this.#printed);
    this.#read(2, this.#printed);
    child.on("exit", (code, signal) => {
      this.#how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      this.#killAndSettleIn(CLOSE_GRACE_MS);
    });
    child.on("close", () => this.#settle());
  }

  #read(fd: number, text: BoundedText): void {
    this.#child.stdio[fd]?.on("data", (chunk: Buffer) => {
      text.add(chunk);
      const line = this.#result.firstLine;
      if (line !== undefined) this.#end({ type: "result", text: line });
      else if (text.isTooMuch) this.#end({ type: "tooMuch" });
    });
  }

  #end(outcome: Outcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#killAndSettleIn(EXIT_GRACE_MS);
  }

  /** Kills the process group. Output written before that may still be read. */
  #killAndSettleIn(ms: number): void {
    killGroup(this.#child.pid);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), ms);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    for (const stream of this.#child.stdio) stream?.destroy();
    const ended: Outcome = { type: "ended", how: this.#how };
    const printed = this.#printed.toString();
    this.#onEnd({ ...(this.#outcome ?? ended), printed });
  }
}

class BoundedText {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isTooMuch(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  get firstLine(): string | undefined {
    // A line break is the end of the result.
    if (this.#chunks.at(-1)?.includes("\n") !== true) return undefined;
    return this.toString().split("\n", 1)[0];
  }

  add(chunk: Buffer): void {
    if (this.isTooMuch) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  toString(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

/** Also kills child processes that stayed in the group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has no process any more.
  }
}
