import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { type Children, hasLeft } from "../children.ts";
import { pinned } from "../pinning.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { autocannonRefusal } from "./autocannon-refusal.ts";
import {
  LOAD_GRACE_MS,
  type LoadGenerator,
  type LoadJob,
  type LoadResult,
} from "./load.ts";

const SCRIPT = path.join(import.meta.dirname, "autocannon-process.ts");

/** One process for all jobs: it is warm for all servers alike. */
export class AutocannonLoad implements LoadGenerator {
  readonly name = "autocannon";
  readonly #child: ChildProcess;

  constructor(children: Children, core: number | undefined) {
    const command = [process.execPath, "--import", "tsx", SCRIPT];
    this.#child = children.spawn(pinned(command, core), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  refusal(scenario: Scenario): string | undefined {
    return autocannonRefusal(scenario);
  }

  run(job: LoadJob): Promise<LoadResult> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit);
      };
      const fail = (why: string) => {
        settle();
        reject(new Error(`autocannon ${why}`));
      };
      const onMessage = (result: unknown) => {
        settle();
        resolve(result as LoadResult);
      };
      const onExit = () => fail("left");
      const timeoutMs = job.seconds * 1000 + LOAD_GRACE_MS;
      const timer = setTimeout(() => fail("does not end"), timeoutMs);
      if (hasLeft(child)) {
        fail("has left");
        return;
      }
      child.on("message", onMessage).on("exit", onExit);
      child.send(job);
    });
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
