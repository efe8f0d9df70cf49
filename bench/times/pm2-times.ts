import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { Pm2 } from "../../test/support/pm2.ts";
import { ReadyFile } from "./ready-file.ts";
import {
  type RunningSubject,
  type TimesSubject,
  WORKERS,
} from "./times-subject.ts";

const bench = path.join(import.meta.dirname, "..");
const NAME = "hello";

/** Fastify in pm2's cluster mode; pm2 is installed by npm, into the folder. */
export const pm2Times: TimesSubject = {
  name: "pm2 with Fastify",
  reloadedBy: "pm2 reload",
  missing() {
    const isThere = existsSync(path.join(bench, "node_modules/fastify"));
    return isThere ? undefined : '"npm --prefix bench ci" installs Fastify';
  },
  async start(folder) {
    const pm2 = await Pm2.install(folder);
    const ready = new ReadyFile(path.join(folder, "ready"));
    const app = {
      name: NAME,
      script: path.join(import.meta.dirname, "servers/fastify.js"),
      exec_mode: "cluster",
      instances: WORKERS,
      env: { PORT: String(await freePort()), READY_FILE: ready.path },
    };
    const file = path.join(folder, "ecosystem.config.json");
    writeFileSync(file, JSON.stringify({ apps: [app] }));
    await pm2.run(["start", file]);
    await ready.until(WORKERS);
    return new Running(pm2, ready);
  },
};

class Running implements RunningSubject {
  readonly #pm2: Pm2;
  readonly #ready: ReadyFile;

  constructor(pm2: Pm2, ready: ReadyFile) {
    this.#pm2 = pm2;
    this.#ready = ready;
  }

  async reload(): Promise<number> {
    const before = this.#ready.lines.length;
    const beganMs = Date.now();
    await this.#pm2.run(["reload", NAME]);
    return (await this.#ready.until(before + WORKERS)) - beganMs;
  }

  async killWorker(): Promise<number> {
    const { lines } = this.#ready;
    const victim = lines.at(-1)?.pid;
    if (victim === undefined) throw new Error("there is no worker");
    const beganMs = Date.now();
    process.kill(victim, "SIGKILL");
    return (await this.#ready.until(lines.length + 1)) - beganMs;
  }

  stop(): Promise<void> {
    return this.#pm2.kill();
  }
}
