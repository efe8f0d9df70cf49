import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "../../../test/support/free-port.ts";
import { type Children, hasLeft, killTree } from "../../children.ts";
import { pinned } from "../../pinning.ts";
import { runMicros } from "../../run-time.ts";
import { ScratchFolder } from "../../scratch-folder.ts";
import { untilAccepts } from "../../until-accepts.ts";
import { type HaproxyWish, haproxyConfig } from "./haproxy-config.ts";

const START_TIMEOUT_MS = 10_000;

export interface HaproxyOptions extends Omit<HaproxyWish, "port"> {
  readonly children: Children;
  readonly core: number | undefined;
}

/** A HAProxy that listens, in the foreground and in one process. */
export class HaproxyProcess {
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

  /** Why it cannot be used; undefined where it can. */
  static missing(): string | undefined {
    return spawnSync("haproxy", ["-v"]).status === 0
      ? undefined
      : 'HAProxy is not installed ("apt-get install haproxy" brings it)';
  }

  /** @throws Error where it does not listen in time */
  static async start(options: HaproxyOptions): Promise<HaproxyProcess> {
    const { children, core, ...wish } = options;
    const port = await freePort();
    const folder = new ScratchFolder();
    const file = path.join(folder.path, "haproxy.cfg");
    writeFileSync(file, haproxyConfig({ ...wish, port }));
    const command = ["haproxy", "-db", "-f", file];
    const child = children.spawn(pinned(command, core), {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (piece) => {
      said += piece;
    });
    const haproxy = new HaproxyProcess(child, port, folder);
    try {
      await untilAccepts(port, START_TIMEOUT_MS);
      return haproxy;
    } catch (cause) {
      await haproxy.stop();
      throw new Error(`HAProxy does not listen:\n${said}`, { cause });
    }
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

  get pid(): number {
    // It listens, so it was started.
    return this.#child.pid as number;
  }
}
