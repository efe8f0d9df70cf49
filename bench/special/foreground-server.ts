import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../test/support/free-port.ts";
import { type Children, hasLeft, killTree } from "../children.ts";
import { pinned } from "../pinning.ts";
import { runMicros } from "../run-time.ts";
import { ScratchFolder } from "../scratch-folder.ts";
import { untilAccepts } from "../until-accepts.ts";

const START_TIMEOUT_MS = 15_000;

/** Who owns a server's process, and which core it may have. */
export interface Place {
  readonly children: Children;
  readonly core: number | undefined;
}

interface Program {
  readonly name: string;
  /** @param folder for its files; it goes with the process */
  readonly command: (port: number, folder: string) => readonly string[];
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly folder: ScratchFolder;
}

/** A program that others have made, in the foreground and in one process. */
export class ForegroundServer {
  readonly #running: Running;

  protected constructor(running: Running) {
    this.#running = running;
  }

  /**
   * Resolves when it listens.
   *
   * @throws Error with what it has said, where it does not in time
   */
  protected static async launch(
    { name, command }: Program,
    { children, core }: Place,
  ): Promise<Running> {
    const port = await freePort();
    const folder = new ScratchFolder();
    const child = children.spawn(pinned(command(port, folder.path), core), {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (piece) => {
      said += piece;
    });
    const running = { child, port, folder };
    try {
      await untilAccepts(port, START_TIMEOUT_MS);
      return running;
    } catch (cause) {
      await end(running);
      throw new Error(`${name} does not listen:\n${said}`, { cause });
    }
  }

  get port(): number {
    return this.#running.port;
  }

  get pid(): number {
    // It listens, so it was started.
    return this.#running.child.pid as number;
  }

  cpuMicros(): number {
    return runMicros([this.pid]);
  }

  stop(): Promise<void> {
    return end(this.#running);
  }
}

async function end({ child, folder }: Running): Promise<void> {
  if (!hasLeft(child)) {
    const exited = once(child, "exit");
    killTree(child);
    await exited;
  }
  folder.remove();
}

/** Why there can be none; undefined where there can. */
export function missingProgram(
  [program, option]: readonly [program: string, option: string],
  { name, packageName }: { name: string; packageName: string },
): string | undefined {
  return spawnSync(program, [option]).status === 0
    ? undefined
    : `${name} is not installed ("apt-get install ${packageName}" brings it)`;
}
