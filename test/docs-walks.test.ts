/**
 * The walks in docs/architecture.md list the files that run: each list is
 * compared with the functions that V8 counts, in a daemon that runs from src/.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadSettings } from "../src/shared/config/load-settings.ts";
import {
  type CalledFunctions,
  filesBeyond,
  SourceCoverage,
} from "./support/source-coverage.ts";
import { readSourceFiles } from "./support/source-imports.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "./support/temporary-folder.ts";
import { waitUntil } from "./support/wait-until.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const PAGE = readFileSync(path.join(ROOT, "docs/architecture.md"), "utf8");
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Longer than heartbeats, ticks and the samples of the process take. */
const IDLE_MS = 3_000;

/** Between files of which neither imports the other. */
const CONTRACTS = [
  "worker/net/protocol.ts",
  "worker/http1/connection-context.ts",
  "master/supervisor/command.ts",
  "master/supervisor/workers/worker-process.ts",
];

/** What timers of the master do meanwhile, and what is counted. */
const BESIDE =
  /^master\/(?:metrics|admin\/control-socket|sockets\/socket-file)/;

/** Files of a walk, in its order. */
function walk(name: string): string[] {
  const list = new RegExp(`<!-- walk ${name} -->(.*?)<!-- /walk -->`, "s");
  const [, text = ""] = list.exec(PAGE) ?? [];
  const links = text.matchAll(/^\d+\. \[[\w.-]+\]\(\.\.\/src\/([^)]+)\)/gm);
  return [...links].map(([, file = ""]) => file);
}

/** A daemon from src/ with one worker, whose calls can be counted. */
class TracedDaemon {
  readonly folder = temporaryFolder();
  readonly #child = this.#start();
  log = "";

  #start() {
    const app = path.join(this.folder, "app.mjs");
    writeFileSync(
      app,
      `import { createApp, ok } from "${ROOT}/src/index.ts";
      const app = createApp();
      app.get("/", () => ok({ message: "Hello" }));
      export default app;`,
    );
    const preloaded = path.join(ROOT, "test/fixtures/traced-process.ts");
    const flags = ["--import", "tsx", "--import", preloaded];
    const settings = ["--workers", "1", "--port", "0", "--admin-port", "0"];
    const command = [path.join(ROOT, "src/cli.ts"), "start", app, ...settings];
    const child = spawn(process.execPath, [...flags, ...command], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        WALK_FOLDER: this.folder,
        REMUDA_RUNTIME_DIR: this.folder,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.on("data", (text) => {
      this.log += text;
    });
    return child;
  }

  async waitForLog(message: string, from = 0): Promise<void> {
    const line = `"msg":"${message}"`;
    const isThere = () => this.log.slice(from).includes(line);
    await waitUntil(isThere, { what: line, timeoutMs: 60_000 });
  }

  get port(): number {
    const [, port] = /"port":(\d+),"scheme"/.exec(this.log) ?? [];
    return Number(port);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async start(role: "master" | "worker"): Promise<void> {
    const base = path.join(this.folder, role);
    rmSync(`${base}.started`, { force: true });
    writeFileSync(`${base}.start`, "");
    await waitUntil(() => existsSync(`${base}.started`), { what: "a start" });
  }

  async take(role: "master" | "worker"): Promise<CalledFunctions> {
    const base = path.join(this.folder, role);
    rmSync(`${base}.json`, { force: true });
    writeFileSync(`${base}.take`, "");
    await waitUntil(() => existsSync(`${base}.json`), { what: "the calls" });
    return JSON.parse(readFileSync(`${base}.json`, "utf8"));
  }

  async idle(role: "master" | "worker"): Promise<CalledFunctions> {
    await this.start(role);
    await sleep(IDLE_MS);
    return this.take(role);
  }
}

/** One answer on an open connection. */
async function answered(socket: net.Socket): Promise<void> {
  const done = new Promise((resolve) => socket.once("data", resolve));
  socket.write(REQUEST);
  await done;
}

describe("the walk of", { timeout: 200_000 }, () => {
  let daemon: TracedDaemon;

  before(async () => {
    daemon = new TracedDaemon();
    await daemon.waitForLog("ready");
  });

  after(async () => {
    daemon.signal("SIGTERM");
    await daemon.waitForLog("stopped").catch(() => daemon.signal("SIGKILL"));
    removeTemporaryFolders();
  });

  it("a request lists each file that runs between its bytes and its answer", async () => {
    const socket = net.connect(daemon.port, "127.0.0.1");
    await answered(socket);
    const idle = await daemon.idle("worker");
    await daemon.start("worker");
    await answered(socket);
    const called = await daemon.take("worker");
    socket.destroy();
    const ran = filesBeyond(idle, called).filter((f) => f.startsWith("worker"));
    assert.deepEqual(walk("request").sort(), ran.sort());
  });

  it("a HUP lists each file of the master that runs until all is done", async () => {
    const idle = await daemon.idle("master");
    await daemon.start("master");
    const from = daemon.log.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded", from);
    await daemon.waitForLog("worker left", from);
    const called = await daemon.take("master");
    const listed = walk("HUP");
    assert.deepEqual(
      listed.filter((file) => !(file in called)),
      [],
      "listed, and not run",
    );
    const ran = filesBeyond(idle, called).filter((file) => {
      return file.startsWith("master/") && !BESIDE.test(file);
    });
    const missing = ran.filter((file) => !listed.includes(file));
    assert.deepEqual(missing, [], "run, and not listed");
  });

  it("a setting lists each file that runs while settings are loaded", async () => {
    const sources = { cwd: temporaryFolder(), env: {}, app: undefined };
    const flags = new Map([["head-timeout-ms", "5000"]]);
    const load = () => {
      return loadSettings({ ...sources, flags, configPath: undefined });
    };
    await load(); // what runs at the first time only is no part of it
    const coverage = new SourceCoverage();
    coverage.start();
    const { settings } = await load();
    assert.equal(settings.headTimeoutMs, 5_000);
    const ran = Object.keys(coverage.take());
    const listed = walk("setting");
    const missing = ran.filter((file) => !listed.includes(file));
    assert.deepEqual(missing, [], "run, and not listed");
  });
});

describe("the walks", () => {
  const sources = readSourceFiles(path.join(ROOT, "src"));
  const importsOf = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.filter(({ isModule }) => !isModule).map(({ target }) => target),
    ]),
  );

  /**
   * Whether one of the two imports the other, directly or by one file, or both
   * a contract by which one calls the other.
   */
  function areNear(one: string, other: string): boolean {
    const calls = (contract: string) => {
      const both = [one, other].map((file) => importsOf.get(file) ?? []);
      return both.every((imports) => imports.includes(contract));
    };
    if (CONTRACTS.some(calls)) return true;
    const leads = (from: string, to: string) => {
      const direct = importsOf.get(from) ?? [];
      const byOne = direct.flatMap((file) => importsOf.get(file) ?? []);
      return direct.includes(to) || byOne.includes(to);
    };
    return leads(one, other) || leads(other, one);
  }

  for (const [name, most] of [
    ["request", 39],
    ["HUP", 45],
    ["setting", 20],
  ] as const) {
    it(`are paths over imports, shorter than they were: ${name}`, () => {
      const files = walk(name);
      assert.ok(files.length > 0 && files.length < most, `${files.length}`);
      assert.deepEqual(
        files.filter((file) => !importsOf.has(file)),
        [],
      );
      assert.equal(new Set(files).size, files.length);
      const apart = files.filter((file, index) => {
        const earlier = files.slice(0, index);
        return index > 0 && !earlier.some((each) => areNear(each, file));
      });
      assert.deepEqual(apart, [], "not near any file before");
    });
  }
});
