/** A look inside of the workers of a daemon that runs. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { httpPost } from "../support/http-post.ts";
import { exchange } from "../support/raw-exchange.ts";
import { runCli } from "../support/run-cli.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { startStrictClient } from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/inspected-app.js";
const HEARTBEAT_TIMEOUT_MS = 3_000;
const KEPT = 80_000;

interface Status {
  readonly workers: readonly {
    readonly slot: number;
    readonly pid: number;
    readonly state: string;
  }[];
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string };
  }[];
  readonly samples: readonly number[];
}

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[] };
    readonly node_count: number;
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-inspection-"));
let daemon: Daemon;

before(async () => {
  const timeout = ["--heartbeat-timeout-ms", String(HEARTBEAT_TIMEOUT_MS)];
  daemon = await start("--workers", "2", ...timeout);
});
after(async () => {
  await stopAllDaemons();
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: readonly string[]): Promise<Daemon> {
  return startDaemon({ app: APP, args: ["--report-dir", folder, ...args] });
}

function tell(to: Daemon, ...args: string[]) {
  const env = { REMUDA_RUNTIME_DIR: to.runtimeFolder };
  return runCli(args, { env, cwd: folder });
}

/** A command that goes on until it is told to end. */
function begin(to: Daemon, ...args: string[]) {
  const env = { REMUDA_RUNTIME_DIR: to.runtimeFolder };
  const child = spawnCli(args, { env, cwd: folder });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more) => {
      text += more;
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code: number | null) => resolve(code));
  });
  return { child, ended, output: () => text };
}

async function untilSaid(
  command: ReturnType<typeof begin>,
  what: string,
): Promise<void> {
  const isSaid = () => command.output().includes(what);
  await waitUntil(isSaid, { what: `${what}: ${command.output()}` });
}

function fileNamed(name: string): string {
  return path.join(folder, name);
}

function json<Value>(file: string): Value {
  return JSON.parse(readFileSync(file, "utf8")) as Value;
}

/** The function in which most samples were taken; "(idle)" is none. */
function hottestIn(file: string): string | undefined {
  const { nodes, samples } = json<CpuProfile>(file);
  const names = new Map(
    nodes.map(({ id, callFrame }) => [id, callFrame.functionName]),
  );
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? "";
    if (name.startsWith("(")) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

/** Files that commands have left, apart from those named. */
function leftovers(...named: readonly string[]): string[] {
  const files = readdirSync(folder).filter((name) => !named.includes(name));
  return files.filter((name) => !name.startsWith("remuda-report"));
}

async function workersOf(of: Daemon) {
  const { workers } = await of.status<Status>();
  return workers;
}

async function pidOf(of: Daemon, slot: number): Promise<number> {
  const isReady = async () => {
    const workers = await workersOf(of);
    return workers.some((each) => each.slot === slot && each.state === "ready");
  };
  await waitUntil(isReady, { what: `worker ${slot}`, timeoutMs: 20_000 });
  const found = (await workersOf(of)).find((each) => {
    return each.slot === slot && each.state === "ready";
  });
  return found?.pid ?? assert.fail(`no worker ${slot}`);
}

/** Sends a request on a connection of its own; the answer may never come. */
function ask(to: Daemon, target: string) {
  const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  return exchange(to.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
}

/** Blocks a worker. @returns its slot, and what "stacks" says then */
async function blockOne(of: Daemon) {
  let found: { slot: number; stacks: string } | undefined;
  const isBlocked = async () => {
    ask(of, "/burn/2000").catch(() => {});
    const { stdout } = await tell(of, "stacks");
    const slot = /worker (\d+)[^\n]*\n {4}at burnCpu/.exec(stdout)?.[1];
    if (slot !== undefined) found = { slot: Number(slot), stacks: stdout };
    return found !== undefined;
  };
  await waitUntil(isBlocked, { what: "a blocked worker" });
  return found ?? assert.fail();
}

/** Asks for what blocks the worker; others refuse it at once. */
async function blockUntil(
  ended: Promise<unknown>,
  of: Daemon,
  pid: number,
): Promise<void> {
  let hasEnded = false;
  const end = ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const asked = ask(of, `/burn-in/${pid}/60000`).catch(() => end);
    await Promise.race([asked, end]);
  }
}

function profileNamed(name: string): string {
  return `${name}.cpuprofile`;
}

/** Has the worker keep objects, so that reading its heap takes seconds. */
async function fill(of: Daemon, pid: number): Promise<void> {
  const isFull = async () => {
    const { responses } = await ask(of, `/keep-in/${pid}/${KEPT}`);
    return responses[0]?.status === 200;
  };
  await waitUntil(isFull, { what: "the worker to be asked" });
}

describe("a CPU profile", () => {
  test("of a loaded worker shows the function that takes the time", async () => {
    const client = startStrictClient({
      ...daemon.address,
      ...{ connections: 8, keepAlive: true, requestTimeoutMs: 15_000 },
      pauseMs: { min: 0, max: 5 },
      mix: [
        { method: "GET", path: "/burn/10" },
        { method: "GET", path: "/", weight: 5 },
      ],
    });
    const file = fileNamed("loaded.cpuprofile");
    const args = ["--slowest", "--seconds", "3", "--output", file];
    const { code, stdout, stderr } = await tell(daemon, "profile", ...args);
    const report = await client.stop();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^recording worker [12] \(pid \d+\) for 3 s$/m);
    assert.match(stdout, /^wrote .*loaded\.cpuprofile \([\d.]+ KiB\)$/m);
    assert.equal(hottestIn(file), "burnCpu");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(report.failureCount, 0, JSON.stringify(report.failures));
  });

  test("ends when its worker is killed as stuck", async () => {
    const pid = await pidOf(daemon, 1);
    const file = fileNamed("stuck.cpuprofile");
    const args = ["--worker", "1", "--seconds", "60", "--output", file];
    const command = begin(daemon, "profile", ...args);
    await untilSaid(command, "recording worker 1");
    await blockUntil(command.ended, daemon, pid);
    assert.equal(await command.ended, 0, command.output());
    const text = /about to be killed: only \d+\.\d s are recorded/;
    assert.match(command.output(), text);
    assert.equal(hottestIn(file), "burnCpu");
    await pidOf(daemon, 1);
  });

  test("of a worker that has been blocked names the function", async () => {
    const blocked = await start("--workers", "1");
    const pid = await pidOf(blocked, 1);
    ask(blocked, "/burn/60000").catch(() => {});
    const file = fileNamed("blocked.cpuprofile");
    const args = ["--seconds", "1", "--output", file];
    const { code, stderr } = await tell(blocked, "profile", ...args);
    assert.equal(code, 0, stderr);
    assert.equal(hottestIn(file), "burnCpu");
    process.kill(pid, "SIGKILL");
    await blocked.stop();
  });

  test("keeps no file if its worker dies", async () => {
    const pid = await pidOf(daemon, 2);
    const args = ["--worker", "2", "--seconds", "60"];
    const command = begin(daemon, "profile", ...args);
    await untilSaid(command, "recording worker 2");
    process.kill(pid, "SIGKILL");
    assert.equal(await command.ended, 1);
    const why = `profile failed: worker 2 (pid ${pid}): it died by SIGKILL`;
    assert.ok(command.output().includes(why), command.output());
    const named = ["loaded", "stuck", "blocked"];
    assert.deepEqual(leftovers(...named.map(profileNamed)), []);
    await pidOf(daemon, 2);
  });

  test("keeps no file if it is interrupted, and can begin again", async () => {
    const args = ["--worker", "1", "--seconds", "60"];
    const command = begin(daemon, "profile", ...args);
    await untilSaid(command, "recording worker 1");
    const other = await tell(daemon, "heap-profile", "--worker", "1");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /refused: worker 1 .* has a CPU profile under/);
    command.child.kill("SIGINT");
    assert.equal(await command.ended, 1);
    assert.match(command.output(), /profile was interrupted; no file/);
    const file = fileNamed("again.cpuprofile");
    const again = async () => {
      const short = ["--worker", "1", "--seconds", "1", "--output", file];
      return (await tell(daemon, "profile", ...short)).code === 0;
    };
    await waitUntil(again, { what: "another profile" });
    const named = ["loaded", "stuck", "blocked", "again"];
    assert.deepEqual(leftovers(...named.map(profileNamed)), []);
    const twice = await tell(daemon, "profile", "--output", file);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /again\.cpuprofile exists already/);
  });
});

describe("a heap profile", () => {
  test("shows the function that allocates what is kept", async () => {
    const file = fileNamed("kept.heapprofile");
    const args = ["--seconds", "4", "--output", file, "--worker", "1"];
    const command = begin(daemon, "heap-profile", ...args);
    await untilSaid(command, "recording worker 1");
    for (let each = 0; each < 6; each++) await ask(daemon, "/keep/20000");
    assert.equal(await command.ended, 0, command.output());
    const text = readFileSync(file, "utf8");
    assert.match(text, /"functionName":"keepItems"/);
  });
});

describe("a heap snapshot", () => {
  test("is whole, while the others serve and nobody kills it", async () => {
    const pid = await pidOf(daemon, 1);
    await fill(daemon, pid);
    const file = fileNamed("kept.heapsnapshot");
    const args = ["--worker", "1", "--output", file];
    const command = begin(daemon, "heap-snapshot", ...args);
    await untilSaid(command, "of memory) stops");
    const waits: number[] = [];
    while (!/goes on|heap-snapshot failed/.test(command.output())) {
      const askedAt = performance.now();
      await ask(daemon, "/pid");
      waits.push(performance.now() - askedAt);
    }
    assert.equal(await command.ended, 0, command.output());
    const sum = waits.reduce((total, each) => total + each, 0);
    const longest = Math.max(...waits);
    assert.ok(waits.length > 5 && longest < sum / 2, String(waits));
    assert.match(command.output(), /note: A heap snapshot stops its worker/);
    const { snapshot, nodes, strings } = json<HeapSnapshot>(file);
    const { meta, node_count: count } = snapshot;
    assert.equal(nodes.length, count * meta.node_fields.length);
    const name = strings.indexOf("KeptItem");
    const at = meta.node_fields.indexOf("name");
    let items = 0;
    for (let node = at; node < nodes.length; node += meta.node_fields.length) {
      if (nodes[node] === name) items++;
    }
    assert.ok(items >= KEPT, `${items} items`);
    assert.equal(await pidOf(daemon, 1), pid, "it is still there");
    const isBack = async () => {
      const { responses } = await ask(daemon, "/pid");
      return responses[0]?.body.toString() === String(pid);
    };
    await waitUntil(isBack, { what: "worker 1 to get connections again" });
  });

  test("of a worker whose event loop is blocked is taken", async () => {
    const { slot } = await blockOne(daemon);
    const file = fileNamed("blocked.heapsnapshot");
    const args = ["--worker", String(slot), "--output", file];
    const { code, stderr } = await tell(daemon, "heap-snapshot", ...args);
    assert.equal(code, 0, stderr);
    assert.ok(json<HeapSnapshot>(file).snapshot.node_count > 10_000);
  });

  test("keeps no file if the worker dies meanwhile", async () => {
    const pid = await pidOf(daemon, 1);
    await fill(daemon, pid);
    const file = fileNamed("dead.heapsnapshot");
    const args = ["--worker", "1", "--output", file];
    const command = begin(daemon, "heap-snapshot", ...args);
    await untilSaid(command, "of memory) stops");
    process.kill(pid, "SIGKILL");
    assert.equal(await command.ended, 1, command.output());
    assert.match(command.output(), /died by SIGKILL/);
    assert.deepEqual(
      leftovers().filter((name) => name.includes("dead")),
      [],
    );
    await pidOf(daemon, 1);
  });
});

describe("the stacks of workers", () => {
  test("are what each is executing now", async () => {
    const { slot, stacks: stdout } = await blockOne(daemon);
    assert.match(stdout, /at burnCpu \(.*inspected-app\.js:\d+:\d+\)/);
    const other = new RegExp(`^worker ${3 - slot} \\(pid \\d+, ready\\)`, "m");
    assert.match(stdout, other);
    const none = await tell(daemon, "stacks", "--worker", "9");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /stacks refused: there is no such worker/);
  });

  test("of a stopped worker are not known; the others are", async () => {
    const pid = await pidOf(daemon, 1);
    process.kill(pid, "SIGSTOP");
    const { code, stdout, stderr } = await tell(daemon, "stacks");
    process.kill(pid, "SIGCONT");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^worker 1 .*: not known: .*does not answer$/m);
    assert.match(stdout, /^worker 2 /m);
    await pidOf(daemon, 1);
  });

  test("can be asked for many times at once", async () => {
    const pids = [await pidOf(daemon, 1), await pidOf(daemon, 2)];
    const many = Array.from({ length: 40 }, () => {
      return httpPost(daemon.controlSocketPath, "/control/stacks");
    });
    for (const { status } of await Promise.all(many)) assert.equal(status, 200);
    await delay(HEARTBEAT_TIMEOUT_MS + 1_000);
    assert.deepEqual([await pidOf(daemon, 1), await pidOf(daemon, 2)], pids);
  });

  test("of idle workers are said to be idle", async () => {
    const areIdle = async () => {
      const { stdout } = await tell(daemon, "stacks");
      return stdout.match(/: idle \(no JavaScript runs\)$/gm)?.length === 2;
    };
    await waitUntil(areIdle, { what: "two idle workers" });
  });
});

describe("the inspector of a worker", () => {
  test("listens on loopback until it is closed", async () => {
    const pid = await pidOf(daemon, 2);
    const args = ["inspect", "--worker", "2"];
    const { code, stdout, stderr } = await tell(daemon, ...args);
    assert.equal(code, 0, stderr);
    const port = /ws:\/\/127\.0\.0\.1:(\d+)\/[0-9a-f-]{36}$/m.exec(stdout)?.[1];
    const { body } = await httpGet(Number(port), "/json/version");
    assert.match(body, /node\.js/);
    const again = await tell(daemon, ...args);
    assert.match(again.stderr, /refused: worker 2 .* has an open inspector/);
    assert.equal((await tell(daemon, ...args, "--close")).code, 0);
    const isClosed = async () => {
      return httpGet(Number(port), "/json/version").then(
        () => false,
        () => true,
      );
    };
    await waitUntil(isClosed, { what: "the inspector to close" });
    const closed = await tell(daemon, ...args, "--close");
    assert.match(closed.stderr, /refused: no inspector is open there/);
    assert.equal(await pidOf(daemon, 2), pid);
  });

  test("closes after its time", async () => {
    const since = daemon.logs.length;
    const args = ["inspect", "--worker", "2", "--seconds", "1"];
    const { code, stdout } = await tell(daemon, ...args);
    assert.equal(code, 0);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]);
    await daemon.waitForLog("inspector closed", { since });
    await assert.rejects(httpGet(port, "/json/version"));
  });
});

describe("a look inside", () => {
  test("is refused on the admin port without its token", async () => {
    for (const call of ["profile", "heap-snapshot", "stacks", "inspect"]) {
      const request = `POST /control/${call} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      const admin = { port: daemon.adminPort };
      const { responses } = await exchange(admin, request, {
        untilClosed: true,
      });
      assert.equal(responses[0]?.status, 403, call);
    }
  });

  test("refuses to stop the only worker, unless it is told to", async () => {
    const single = await start("--workers", "1");
    const file = fileNamed("single.heapsnapshot");
    const args = ["heap-snapshot", "--output", file];
    const { code, stderr } = await tell(single, ...args);
    assert.equal(code, 1);
    assert.match(stderr, /refused: worker 1 .* only one that is ready/);
    assert.equal(existsSync(file), false);
    const command = begin(single, ...args, "--yes");
    await untilSaid(command, "of memory) stops");
    const { responses } = await ask(single, "/");
    assert.equal(responses[0]?.status, 200, "the connection has waited");
    assert.equal(await command.ended, 0, command.output());
    await single.stop();
  });

  test("ends without a file if the master is killed", async () => {
    const other = await start("--workers", "1");
    const file = fileNamed("master.cpuprofile");
    const args = ["--seconds", "60", "--output", file];
    const command = begin(other, "profile", ...args);
    await untilSaid(command, "recording");
    process.kill(other.pid, "SIGKILL");
    assert.equal(await command.ended, 1);
    assert.match(command.output(), /the daemon went away/);
    assert.deepEqual(
      leftovers().filter((name) => name.includes("master")),
      [],
    );
    await other.stop().catch(() => {});
  });

  test("needs the watchdog thread", async () => {
    const bare = await start("--workers", "1", "--no-watchdog");
    const { code, stderr } = await tell(bare, "profile");
    assert.equal(code, 1);
    assert.match(stderr, /refused: worker 1 .* has no watchdog thread/);
    await bare.stop();
  });
});
