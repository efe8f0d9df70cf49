import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { killTree } from "../children.ts";
import { treePids } from "../process-tree.ts";
import {
  type RunningSubject,
  type TimesSubject,
  WORKERS,
} from "./times-subject.ts";

const TITLE = "nginx: worker process";
const TIMEOUT_MS = 10_000;

/** nginx, which answers by itself: nothing of an app is started. */
export const nginxTimes: TimesSubject = {
  name: "nginx",
  reloadedBy: "HUP",
  missing() {
    const isThere = spawnSync("nginx", ["-v"]).status === 0;
    return isThere ? undefined : "nginx is not installed";
  },
  async start(folder) {
    const file = path.join(folder, "nginx.conf");
    writeFileSync(file, config(folder, await freePort()));
    const child = spawn("nginx", ["-c", file, "-p", folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    process.on("exit", () => killTree(child));
    const running = new Running(child);
    await running.untilNew([], WORKERS);
    return running;
  },
};

class Running implements RunningSubject {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  reload(): Promise<number> {
    const before = this.#workers();
    const beganMs = performance.now();
    this.#child.kill("SIGHUP");
    return this.untilNew(before, WORKERS, beganMs);
  }

  killWorker(): Promise<number> {
    const before = this.#workers();
    const [victim] = before;
    if (victim === undefined) throw new Error("there is no worker");
    const beganMs = performance.now();
    process.kill(victim, "SIGKILL");
    return this.untilNew(before, 1, beganMs);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }

  /**
   * Until there are so many workers more. A worker has its title just before it
   * accepts. It looks again and again without a pause, as they are there within
   * milliseconds: on one core of several.
   */
  async untilNew(
    before: readonly number[],
    count: number,
    beganMs = performance.now(),
  ): Promise<number> {
    for (;;) {
      const fresh = this.#workers().filter((pid) => !before.includes(pid));
      const ms = performance.now() - beganMs;
      if (fresh.length >= count) return ms;
      if (ms > TIMEOUT_MS) throw new Error(`nginx has ${fresh.length} workers`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #workers(): number[] {
    const pids = treePids(this.#child.pid ?? 0);
    return pids.filter((pid) => titleOf(pid) === TITLE);
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
  } catch {
    return ""; // it has left meanwhile
  }
}

function config(folder: string, port: number): string {
  return `daemon off;
worker_processes ${WORKERS};
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "Hello World"; }
  }
}
`;
}
