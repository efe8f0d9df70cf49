import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { type Children, hasLeft } from "../../children.ts";
import type {
  PhaseReport,
  SteadyMessage,
  SteadyOrder,
} from "./steady-load-process.ts";

const SCRIPT = path.join(import.meta.dirname, "steady-load-process.ts");
const REPORT_TIMEOUT_MS = 30_000;
/** MiB: with the usual size it collects garbage ten times a second. */
const YOUNG = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

/** Requests at a steady rate, from a process of its own. */
export class SteadyLoad {
  readonly #child: ChildProcess;

  constructor(children: Children, order: Omit<SteadyOrder, "type">) {
    const command = [process.execPath, ...YOUNG, "--import", "tsx", SCRIPT];
    this.#child = children.spawn(command, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#send({ type: "begin", ...order });
  }

  /** What became of all requests that were due since the last call. */
  async nextPhase(): Promise<PhaseReport> {
    const left = new AbortController();
    const onExit = () => left.abort(new Error("the steady load has left"));
    const late = AbortSignal.timeout(REPORT_TIMEOUT_MS);
    const signal = AbortSignal.any([left.signal, late]);
    this.#child.once("exit", onExit);
    try {
      const reported = once(this.#child, "message", { signal });
      this.#send({ type: "nextPhase" });
      const [report] = await reported;
      return report;
    } finally {
      this.#child.off("exit", onExit);
    }
  }

  /** All its connections end with it. */
  async close(): Promise<void> {
    if (hasLeft(this.#child)) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #send(message: SteadyMessage): void {
    this.#child.send(message);
  }
}
