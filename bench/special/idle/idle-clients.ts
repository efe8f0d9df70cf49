import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { type Children, hasLeft } from "../../children.ts";
import { pinned } from "../../pinning.ts";
import type { OpenOrder, OpenReport } from "./idle-clients-process.ts";

const SCRIPT = path.join(import.meta.dirname, "idle-clients-process.ts");
const TIMEOUT_MS = 60_000;

/** Clients that ask and then stay connected, in a process of their own. */
export class IdleClients {
  readonly #child: ChildProcess;
  #count = 0;

  constructor(children: Children, core: number | undefined) {
    const command = [process.execPath, "--import", "tsx", SCRIPT];
    this.#child = children.spawn(pinned(command, core), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  /** @throws Error where any connection, old or new, is not open in the end */
  async open(order: OpenOrder): Promise<void> {
    const { open, failure } = await this.#reportOn(order);
    const { connections, atMost = Number.POSITIVE_INFINITY } = order;
    this.#count = Math.min(this.#count + connections, atMost);
    if (open === this.#count && failure === undefined) return;
    const found = `${open} of ${this.#count} connections are open`;
    throw new Error(`${found}: ${failure}`);
  }

  /** All their connections end with them. */
  async close(): Promise<void> {
    if (hasLeft(this.#child)) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async #reportOn(order: OpenOrder): Promise<OpenReport> {
    const left = new AbortController();
    const onExit = () => left.abort(new Error("the idle clients have left"));
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const signal = AbortSignal.any([left.signal, late]);
    this.#child.once("exit", onExit);
    try {
      const reported = once(this.#child, "message", { signal });
      this.#child.send(order);
      const [report] = await reported;
      return report;
    } finally {
      this.#child.off("exit", onExit);
    }
  }
}
