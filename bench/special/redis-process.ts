import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../test/support/free-port.ts";
import { type Children, hasLeft, killTree } from "../children.ts";
import { pinned } from "../pinning.ts";
import { runMicros } from "../run-time.ts";
import { ScratchFolder } from "../scratch-folder.ts";
import { untilAccepts } from "../until-accepts.ts";

const START_TIMEOUT_MS = 15_000;

/** A Redis that keeps nothing on disk. */
export class RedisProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: ScratchFolder;

  private constructor(
    child: ChildProcess,
    port: number,
    folder: ScratchFolder,
  ) {
    this.#child = child;
    this.port = port;
    this.#folder = folder;
  }

  /** Why there can be none; undefined where there can. */
  static missing(): string | undefined {
    return spawnSync("redis-server", ["--version"]).status === 0
      ? undefined
      : 'Redis is not installed ("apt-get install redis-server" brings it)';
  }

  /** @throws Error where it does not listen in time */
  static async start(
    children: Children,
    core: number | undefined,
  ): Promise<RedisProcess> {
    const port = await freePort();
    const folder = new ScratchFolder();
    const command = [
      ...["redis-server", "--port", String(port), "--bind", "127.0.0.1"],
      ...["--dir", folder.path, "--save", "", "--appendonly", "no"],
    ];
    const child = children.spawn(pinned(command, core), {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const redis = new RedisProcess(child, port, folder);
    try {
      await untilAccepts(port, START_TIMEOUT_MS);
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    // It listens, so it was started.
    return this.#child.pid as number;
  }

  cpuMicros(): number {
    return runMicros([this.pid]);
  }

  async stop(): Promise<void> {
    if (!hasLeft(this.#child)) {
      const exited = once(this.#child, "exit");
      killTree(this.#child);
      await exited;
    }
    this.#folder.remove();
  }
}
