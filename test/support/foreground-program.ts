import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { processListens } from "./process-listens.ts";
import type { ServerAddress } from "./server-address.ts";
import { signalIfAlive } from "./signal-if-alive.ts";
import { waitUntil } from "./wait-until.ts";

/** Its configuration, or what makes it when the folder is known. */
export type ConfigText = string | ((folder: string) => string);

export interface BalancerOptions {
  readonly config: ConfigText;
  /** Where the configuration says that it listens: then it is ready. */
  readonly address: ServerAddress | readonly ServerAddress[];
  /** A program, with arguments, that is to start it: `ip netns exec …`. */
  readonly launcher?: readonly string[];
}

export interface ProgramOptions extends BalancerOptions {
  /** The file that the configuration is written to. */
  readonly configName: string;
  /** What runs it in the foreground, in that folder. */
  readonly command: (folder: string) => readonly string[];
}

const READY_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
/** Where a test is killed, so is what it has started. */
const mortal = hasSetpriv() ? ["setpriv", "--pdeathsig", "SIGTERM"] : [];
const running = new Set<ForegroundProgram>();

// The last resort, for a test file that fails before its hooks run.
process.on("exit", () => {
  for (const program of running) program.kill();
});

/**
 * Why tests that need the program cannot run here, for `skip`; false where they
 * can, and always in CI, where a program that is missing is a failure.
 */
export function skipWithout(program: string, flag: string): string | false {
  const isThere = spawnSync(program, [flag]).error === undefined;
  if (isThere || process.env.CI === "true") return false;
  return `${program} is not installed`;
}

function hasSetpriv(): boolean {
  const args = ["--pdeathsig", "SIGTERM", "true"];
  return spawnSync("setpriv", args).status === 0;
}

/** A server that is no part of the project, in a temporary folder of its own. */
export class ForegroundProgram {
  /** Others than root may read it, as nginx's workers must. */
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "remuda-balancer-"));
  readonly #options: ProgramOptions;
  readonly #child: ChildProcess;
  #lastOutput = "";

  /** Resolves when it listens. */
  static async start(options: ProgramOptions): Promise<ForegroundProgram> {
    const program = new ForegroundProgram(options);
    const { address } = options;
    const addresses = Array.isArray(address) ? address : [address];
    try {
      const [name] = options.command(program.folder);
      await waitUntil(
        () =>
          !program.isAlive ||
          addresses.every((each) => processListens(program.pid, each)),
        { what: `${name} to listen`, timeoutMs: READY_TIMEOUT_MS },
      );
      if (program.isAlive) return program;
      throw new Error(`${name} has left: ${program.output}`);
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  private constructor(options: ProgramOptions) {
    this.#options = options;
    chmodSync(this.folder, 0o755);
    this.configure(options.config);
    const { command, launcher = [] } = options;
    const [program = "", ...args] = [
      ...mortal,
      ...launcher,
      ...command(this.folder),
    ];
    // A group of its own: whatever it forks can be ended with it.
    // A file, no pipe: a program that opens /dev/stdout can open that.
    const file = openSync(this.#outputPath, "a");
    // A group of its own: whatever it forks can be ended with it.
    this.#child = spawn(program, args, {
      cwd: this.folder,
      stdio: ["ignore", file, file],
      detached: true,
    });
    closeSync(file);
    this.#child.on("error", ({ message }) => {
      writeFileSync(this.#outputPath, message, { flag: "a" });
    });
    running.add(this);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** All that it has printed, which is its log where that goes to stdout. */
  get output(): string {
    if (!running.has(this)) return this.#lastOutput;
    return readFileSync(this.#outputPath, "utf8");
  }

  /** Writes the file anew: in force when the program reads it again. */
  configure(config: ConfigText): void {
    const text = typeof config === "string" ? config : config(this.folder);
    writeFileSync(
      path.join(this.folder, this.#options.configName),
      `${text}\n`,
    );
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** TERM, and KILL if it does not leave; its folder is removed. */
  async stop(): Promise<void> {
    if (this.isAlive) {
      const exited = once(this.#child, "exit");
      this.signal("SIGTERM");
      const timer = setTimeout(() => this.#killGroup(), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    }
    this.kill();
  }

  /** KILL to it and all that it has forked; its folder is removed. */
  kill(): void {
    this.#killGroup();
    this.#lastOutput = this.output;
    running.delete(this);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #outputPath(): string {
    return path.join(this.folder, "output.log");
  }

  #killGroup(): void {
    if (this.pid > 0) signalIfAlive(-this.pid, "SIGKILL");
  }
}
