import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { skipWithout } from "./foreground-program.ts";
import { freePort } from "./free-port.ts";
import { waitUntil } from "./wait-until.ts";

/** For `skip`. */
export const redisSkipReason = skipWithout("redis-server", "--version");

/** A Redis server for one test, with its own port and folder. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  private constructor(port: number) {
    this.port = port;
    this.#folder = mkdtempSync(path.join(os.tmpdir(), "remuda-redis-"));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it without keys, and waits until it responds. */
  async start(): Promise<void> {
    const port = String(this.port);
    this.#process = spawn(
      "redis-server",
      [
        ...["--port", port, "--bind", "127.0.0.1", "--dir", this.#folder],
        ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
      ],
      { stdio: "ignore" },
    );
    const what = `redis-server to answer on port ${port}`;
    await waitUntil(() => answersPing(this.port), { what, timeoutMs: 15_000 });
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** For the end of a test: kills the server and removes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", reject);
    socket.on("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString().startsWith("+PONG"));
    });
    socket.write("PING\r\n");
  });
}
