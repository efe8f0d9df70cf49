import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { AttackOrder, LoadOrder, Reply } from "./messages.ts";

type ReplyOf<Type extends Reply["type"]> = Extract<Reply, { type: Type }>;

const STOP_TIMEOUT_MS = 3_000;
const helpers = new Set<Helper>();

// Last resort; helpers also exit when their channel closes.
process.on("exit", () => {
  for (const helper of helpers) helper.kill();
});

/** Stops all helpers and waits until they have exited. */
export async function stopAllHelpers(): Promise<void> {
  await Promise.all([...helpers].map((helper) => helper.stop()));
}

/** A child process that executes orders. */
export class Helper {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #replies: Reply[] = [];
  #onReply: () => void = () => {};

  /** @param file name in this folder */
  static async start(file: string): Promise<Helper> {
    const helper = new Helper(file);
    await helper.hear("listening", 30_000);
    return helper;
  }

  private constructor(file: string) {
    // Detached from the terminal's signals: it exits only when told to.
    this.#child = fork(path.join(import.meta.dirname, file), {
      execArgv: ["--import", "tsx"],
      detached: true,
    });
    helpers.add(this);
    this.#exited = new Promise((resolve) => {
      this.#child.on("exit", () => {
        helpers.delete(this);
        this.#onReply();
        resolve();
      });
    });
    this.#child.on("message", (reply: Reply) => {
      this.#replies.push(reply);
      this.#onReply();
    });
  }

  tell(order: AttackOrder | LoadOrder): void {
    this.#child.send(order);
  }

  /** The next unread reply of that type. */
  async hear<Type extends Reply["type"]>(
    type: Type,
    timeoutMs: number,
  ): Promise<ReplyOf<Type>> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const at = this.#replies.findIndex((reply) => reply.type === type);
      if (at >= 0) return this.#replies.splice(at, 1)[0] as ReplyOf<Type>;
      if (this.#hasLeft) throw new Error(`a process left without "${type}"`);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no "${type}" after ${timeoutMs} ms`);
      await this.#nextReply(leftMs);
    }
  }

  /** Stops the process and waits until it has exited. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  get #hasLeft(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #nextReply(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onReply = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
