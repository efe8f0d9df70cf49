import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Instance } from "./instance.ts";
import type { Place } from "./place.ts";

export interface InstanceOptions {
  readonly number: number;
  readonly place: Place;
  /** Folder of the run; the instance creates its own folder in it. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const APP = pathToFileURL(path.resolve("test/lb/versioned-app.js")).href;
const FAILURE = /^(reload|upgrade) (failed|refused|ignored)/;
const TIMEOUT_MS = 60_000;

/** A daemon with its config file and its releases, as in a deployment. */
export class RemudaInstance implements Instance {
  readonly number: number;
  readonly #place: Place;
  readonly #folder: string;
  #daemon: Daemon | undefined;

  constructor({ number, place, folder, settings }: InstanceOptions) {
    this.number = number;
    this.#place = place;
    this.#folder = path.join(folder, `instance-${number}`);
    mkdirSync(this.#folder);
    const { host, port, adminPort, agentPort } = place;
    const config = {
      ...settings,
      app: "current/app.mjs",
      ...{ host, port, admin: { host, port: adminPort } },
      agentCheck: { host, port: agentPort },
    };
    writeFileSync(this.#configPath, JSON.stringify(config));
    this.deploy("0");
  }

  /** Writes a version to disk; effective after a reload, upgrade or start. */
  deploy(version: string): void {
    const name = `release-${version}`;
    mkdirSync(path.join(this.#folder, name));
    const source =
      `import { versionedApp } from ${JSON.stringify(APP)};\n` +
      `export default versionedApp(${JSON.stringify(version)});\n`;
    writeFileSync(path.join(this.#folder, name, "app.mjs"), source);
    const link = path.join(this.#folder, "current");
    symlinkSync(name, `${link}.new`);
    renameSync(`${link}.new`, link);
  }

  async start(): Promise<void> {
    const { host, port, adminPort, launcher } = this.#place;
    this.#daemon = await startDaemon({
      args: [
        ...["--config", this.#configPath],
        // Without these, `startDaemon` would let the system choose ports.
        ...["--host", host, "--port", String(port)],
        ...["--admin-port", String(adminPort)],
      ],
      env: { INSTANCE: String(this.number) },
      launcher,
    });
  }

  /** Sends HUP: workers are replaced one after the other. */
  async reload(): Promise<void> {
    await this.#signalUntil("SIGHUP", "reloaded");
  }

  /** Sends USR2: starts a new master; resolves when the old one has exited. */
  async upgrade(): Promise<void> {
    const old = this.#masterPid;
    await this.#signalUntil("SIGUSR2", "upgraded");
    await waitUntil(() => !signalIfAlive(old, 0), {
      what: `master ${old} to leave`,
      timeoutMs: TIMEOUT_MS,
    });
  }

  /**
   * Sends TERM, as a service manager does, and waits until all processes exit.
   */
  async stop(): Promise<void> {
    signalIfAlive(this.#masterPid, "SIGTERM");
    await this.#untilLeft();
  }

  async kill(): Promise<void> {
    this.#running.kill();
    await this.#untilLeft();
  }

  async #untilLeft(): Promise<void> {
    const daemon = this.#running;
    await waitUntil(() => daemon.processes().length === 0, {
      what: `instance ${this.number} to leave`,
      timeoutMs: TIMEOUT_MS,
    });
    await daemon.stop();
    this.#daemon = undefined;
  }

  /** Waits until only processes of the newest version are left. */
  async untilSettled(workers: number): Promise<void> {
    await waitUntil(() => this.#running.processes().length === workers + 1, {
      what: `instance ${this.number} to have ${workers} workers only`,
      timeoutMs: TIMEOUT_MS,
    });
  }

  async #signalUntil(name: NodeJS.Signals, end: string): Promise<void> {
    const daemon = this.#running;
    const since = daemon.logs.length;
    signalIfAlive(this.#masterPid, name);
    const isAbout = ({ msg = "" }: LogLine) => msg === end || FAILURE.test(msg);
    const { msg, error } = await daemon.waitForLog(isAbout, {
      since,
      timeoutMs: TIMEOUT_MS,
    });
    if (msg !== end) throw new Error(`${msg}: ${error}`);
  }

  get #running(): Daemon {
    if (this.#daemon) return this.#daemon;
    throw new Error(`instance ${this.number} does not run`);
  }

  get #masterPid(): number {
    const [pid] = this.#running.masterPids();
    if (pid !== undefined) return pid;
    throw new Error(`instance ${this.number} has no master`);
  }

  get #configPath(): string {
    return path.join(this.#folder, "remuda.config.json");
  }
}
