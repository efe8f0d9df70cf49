/**
 * Sessions of clients behind HAProxy: its cookie chooses the instance, Remuda's
 * the worker. They need haproxy (Debian's package of that name); without it
 * they are skipped, but for CI, where they fail.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason, startHaproxy } from "../support/haproxy.ts";
import { reload } from "../support/reload.ts";

const PROGRAM = path.resolve("test/fixtures/session-program.cjs");
const CLIENTS = 24;
const WORKERS = 2;

/** A browser: it keeps cookies, and a session. */
class Client {
  readonly #port: number;
  readonly #cookies = new Map<string, string>();
  #session = "";

  constructor(port: number) {
    this.#port = port;
  }

  get cookieNames(): string[] {
    return [...this.#cookies.keys()].sort();
  }

  /** @returns the pid of the worker that has its session now */
  async begin(): Promise<number> {
    const { sid, pid } = await this.#get("/begin");
    this.#session = String(sid);
    return Number(pid);
  }

  /** How often the session was used before; undefined if it is gone. */
  async use(): Promise<number | undefined> {
    const { uses } = await this.#get(`/?sid=${this.#session}`);
    return uses;
  }

  async #get(target: string): Promise<Record<string, number | undefined>> {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    const response = await fetch(`http://127.0.0.1:${this.#port}${target}`, {
      headers: { Cookie: pairs.join("; ") },
    });
    for (const field of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^(.+?)=(.*?)(?:;|$)/.exec(field) ?? [];
      this.#cookies.set(name, value);
    }
    const text = await response.text();
    return JSON.parse(text.slice(text.indexOf("{")));
  }
}

describe("two instances behind HAProxy", { skip: haproxySkipReason }, () => {
  const instances: Daemon[] = [];
  let balancer: ForegroundProgram | undefined;
  let clients: Client[];

  before(async () => {
    const workers = ["--workers", String(WORKERS), "--port", "0"];
    const args = [...workers, "--sticky", "cookie:worker"];
    for (let count = 0; count < 2; count++) {
      instances.push(await startDaemon({ app: PROGRAM, args }));
    }
    const [one, two] = instances.map(({ port }) => port);
    const port = await freePort();
    balancer = await startHaproxy({
      address: { port },
      config: `
        defaults
          mode http
          timeout connect 5s
          timeout client 60s
          timeout server 60s
          # Connections to the instances are shared by all clients.
          http-reuse always
        frontend front
          bind 127.0.0.1:${port}
          default_backend app
        backend app
          cookie instance insert indirect nocache httponly
          server one 127.0.0.1:${one} cookie one
          server two 127.0.0.1:${two} cookie two
      `,
    });
    clients = Array.from({ length: CLIENTS }, () => new Client(port));
  });

  after(async () => {
    await balancer?.stop();
    await stopAllDaemons();
  });

  async function beginAll(): Promise<void> {
    const pids = await Promise.all(clients.map((client) => client.begin()));
    assert.equal(new Set(pids).size, instances.length * WORKERS);
  }

  test("leave each client with one worker, on shared connections", async () => {
    await beginAll();
    for (let round = 0; round < 5; round++) {
      const uses = await Promise.all(clients.map((client) => client.use()));
      assert.deepEqual(uses, Array(CLIENTS).fill(round));
    }
    for (const { cookieNames } of clients) {
      assert.deepEqual(cookieNames, ["instance", "worker"]);
    }
  });

  test("give clients another worker when theirs has left", async () => {
    const [first] = instances as [Daemon];
    const old = first.workerPids();
    await reload(first, "reloaded");
    for (const worker of old) {
      await first.waitForLog(({ msg, workerPid }) => {
        return msg === "worker left" && workerPid === worker;
      });
    }
    await beginAll();
    const uses = await Promise.all(clients.map((client) => client.use()));
    assert.deepEqual(uses, Array(CLIENTS).fill(0));
  });
});
