/**
 * Evaluates a config file in a process of its own, which is gone when this is
 * done. The caller's event loop is never blocked.
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

type Verdict =
  | { readonly type: "result"; readonly text: string }
  /** Before it gave a result; how completes "it …". */
  | { readonly type: "ended"; readonly how: string }
  | { readonly type: "late" | "tooMuch" };

export type ConfigEnd =
  | (Verdict & {
      /** Text from standard output and standard error. */
      readonly printed: string;
    })
  | { readonly type: "noProcess"; readonly error: NodeJS.ErrnoException };

/** After its end its pipes may be open: another process can hold them. */
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
    // Standard ones, the result, and what tells it that we are gone.
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    // A group of its own, which is killed with all that it has started.
    detached: true,
  });
}

/** A process that runs, until it is gone. */
class ConfigRun {
  readonly #child: ChildProcess;
  readonly #tell: (end: ConfigEnd) => void;
  readonly #result = new BoundedText(MAX_CONFIG_BYTES);
  readonly #printed = new BoundedText(MAX_PRINTED_BYTES);
  #verdict: Verdict | undefined;
  #how = "was ended";
  #timer: NodeJS.Timeout;

  constructor(
    child: ChildProcess,
    timeoutMs: number,
    tell: (end: ConfigEnd) => void,
  ) {
    this.#child = child;
    this.#tell = tell;
    this.#timer = setTimeout(() => this.#end({ type: "late" }), timeoutMs);
    // An error of a pipe is followed by its close.
    for (const stream of child.stdio) stream?.on("error", () => {});
    this.#read(RESULT_FD, this.#result);
    this.#read(1, this.#printed);
    this.#read(2, this.#printed);
    child.on("exit", (code, signal) => {
      this.#how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      this.#closeSoon();
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

  #end(verdict: Verdict): void {
    if (this.#verdict) return;
    this.#verdict = verdict;
    this.#closeSoon();
  }

  /** Kills the process group. Output written before that may still be read. */
  #closeSoon(): void {
    killGroup(this.#child.pid);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), CLOSE_GRACE_MS);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    for (const stream of this.#child.stdio) stream?.destroy();
    const ended: Verdict = { type: "ended", how: this.#how };
    const printed = this.#printed.toString();
    this.#tell({ ...(this.#verdict ?? ended), printed });
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
    // Only the end of a result has a line break.
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

/** With the processes that it has started, as far as they stayed in it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}
