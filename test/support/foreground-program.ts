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

/** The configuration text, or a function of the folder that returns it. */
export type ConfigText = string | ((folder: string) => string);

export interface BalancerOptions {
  readonly config: ConfigText;
  /** Listen address in the configuration; listening means ready. */
  readonly address: ServerAddress | readonly ServerAddress[];
  /** A program, with arguments, that starts it: `ip netns exec …`. */
  readonly launcher?: readonly string[];
}

export interface ProgramOptions extends BalancerOptions {
  /** Name of the configuration file. */
  readonly configName: string;
  /** Command that runs the program in the foreground in that folder. */
  readonly command: (folder: string) => readonly string[];
}

const READY_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
/** Ends the program when the test process is killed. */
const mortal = hasSetpriv() ? ["setpriv", "--pdeathsig", "SIGTERM"] : [];
const running = new Set<ForegroundProgram>();

// Last resort, for a test file that fails before its hooks run.
process.on("exit", () => {
  for (const program of running) program.kill();
});

/**
 * Reason to skip tests that need the program; false if it is installed, and
 * always in CI, where a missing program is a failure.
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

/** A third-party server that runs in a temporary folder. */
export class ForegroundProgram {
  /** Readable by other users, as nginx's workers require. */
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "remuda-balancer-"));
  readonly #options: ProgramOptions;
  readonly #child: ChildProcess;
  #lastOutput = "";

  /** Resolves when the program listens. */
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
    // A file, not a pipe: a program that opens /dev/stdout can open a file.
    const file = openSync(this.#outputPath, "a");
    // A new process group, so that all forked processes can be killed with it.
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

  /** Everything printed so far; this includes the log if it goes to stdout. */
  get output(): string {
    if (!running.has(this)) return this.#lastOutput;
    return readFileSync(this.#outputPath, "utf8");
  }

  /**
   * Rewrites the configuration; it takes effect when the program rereads it.
   */
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

  /** Sends TERM, then KILL if it does not exit; removes its folder. */
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

  /** Sends KILL to the process group and removes the folder. */
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
