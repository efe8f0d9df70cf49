import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { waitUntil } from "./wait-until.ts";

const run = promisify(execFile);

/** The version that the documentation describes. */
const PACKAGE = "pm2@7";
const INSTALL_TIMEOUT_MS = 180_000;
const COMMAND_TIMEOUT_MS = 60_000;

/** The fields of `pm2 jlist` that tests use. */
export interface Pm2Process {
  readonly pid: number;
  readonly pm2_env: {
    readonly status: string;
    readonly restart_time: number;
    readonly pm_out_log_path: string;
  };
}

/** A pm2 for one test, with its package, daemon and files in one folder. */
export class Pm2 {
  readonly version: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    const file = path.join(folder, "node_modules/pm2/package.json");
    this.version = JSON.parse(readFileSync(file, "utf8")).version;
  }

  /** Installs pm2 with npm from its registry. */
  static async install(folder: string): Promise<Pm2> {
    const args = ["install", "--no-audit", "--no-fund", "--no-save", PACKAGE];
    await run("npm", ["--prefix", folder, ...args], {
      cwd: folder,
      timeout: INSTALL_TIMEOUT_MS,
    });
    return new Pm2(folder);
  }

  /** Runs a pm2 command to its end; returns its output. */
  async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const script = path.join(this.#folder, "node_modules/pm2/bin/pm2");
    const given = Object.entries(process.env).filter(([name]) => {
      return !/^(REMUDA_|LISTEN_|NOTIFY_SOCKET$|NODE_TEST_CONTEXT$)/.test(name);
    });
    const { stdout } = await run(process.execPath, [script, ...args], {
      cwd: this.#folder,
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
      env: {
        ...Object.fromEntries(given),
        PM2_HOME: this.#home,
        PM2_DISCRETE_MODE: "true",
        ...env,
      },
    });
    return stdout;
  }

  /** The only supervised process. */
  async process(): Promise<Pm2Process> {
    const text = await this.run(["jlist"]);
    const list = JSON.parse(text.slice(text.indexOf("[{")));
    if (list.length !== 1) throw new Error(`pm2 has ${list.length} processes`);
    return list[0];
  }

  /** Kills the pm2 daemon and all supervised processes. */
  async kill(): Promise<void> {
    const pidFile = path.join(this.#home, "pm2.pid");
    if (!existsSync(pidFile)) return;
    const pid = Number(readFileSync(pidFile, "utf8"));
    await this.run(["kill"]);
    const what = "the daemon of pm2 to leave";
    await waitUntil(() => !existsSync(`/proc/${pid}`), { what });
  }

  get #home(): string {
    return path.join(this.#folder, "home");
  }
}
