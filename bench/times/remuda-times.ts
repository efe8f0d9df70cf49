import path from "node:path";
import { type Daemon, startDaemon } from "../../test/support/daemon.ts";
import type { LogLine } from "../../test/support/daemon-log.ts";
import {
  type RunningSubject,
  type TimesSubject,
  WORKERS,
} from "./times-subject.ts";

const APP = path.join(import.meta.dirname, "../servers/hello/remuda.js");

export const remudaTimes = subject("remuda", []);

/** Both new workers start together, which two cores make use of. */
export const remudaSurgeTimes = subject("remuda, roll.surge 2", [
  "--roll-surge",
  "2",
]);

function subject(name: string, flags: readonly string[]): TimesSubject {
  return {
    name,
    reloadedBy: "HUP",
    missing: () => undefined,
    async start() {
      const args = ["--workers", String(WORKERS), ...flags];
      return new Running(await startDaemon({ app: APP, args }));
    },
  };
}

class Running implements RunningSubject {
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  async reload(): Promise<number> {
    return this.#timed(
      ({ msg }) => msg === "reloaded",
      () => {
        this.#daemon.signal("SIGHUP");
      },
    );
  }

  killWorker(): Promise<number> {
    const [victim] = this.#daemon.workerPids();
    if (victim === undefined) throw new Error("there is no worker");
    return this.#timed(
      ({ msg }) => msg === "worker ready",
      () => {
        process.kill(victim, "SIGKILL");
      },
    );
  }

  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  /** Until the line was written, not read: another process may be busy. */
  async #timed(
    isEnd: (line: LogLine) => boolean,
    begin: () => void,
  ): Promise<number> {
    const since = this.#daemon.logs.length;
    const beganMs = Date.now();
    begin();
    const { time } = await this.#daemon.waitForLog(isEnd, { since });
    return Number(time) - beganMs;
  }
}
