import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { runCli } from "../support/run-cli.ts";

const STACK_LINE = /\n\s+at /;

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "remuda-start-"));
});
after(async () => {
  await stopAllDaemons();
  await rm(folder, { recursive: true });
});

async function appFile(name: string, source: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, source);
  return file;
}

const PORTS = ["--port", "0", "--admin-port", "0"];

/** Starts, which must fail: one clear message, code 2 and no stack. */
async function failure(...args: string[]): Promise<string> {
  const { code, stderr } = await runCli(["start", ...PORTS, ...args]);
  assert.equal(code, 2, stderr);
  assert.doesNotMatch(stderr, STACK_LINE);
  assert.match(stderr, /^remuda: /);
  return stderr;
}

describe("remuda start says in one message, with exit code 2,", () => {
  test("that a setting is invalid, and what would be valid", async () => {
    const said = await failure("--port", "70000", "--workers", "-1");
    assert.match(said, /port is "?70000"? .*integer, 0 to 65535/);
    assert.match(said, /workers is "?-1"? /);
  });

  test("that a flag is unknown", async () => {
    assert.match(await failure("--wrokers", "2"), /--wrokers.*--workers/);
  });

  test("that the app module is missing", async () => {
    const missing = path.join(folder, "missing.js");
    assert.match(await failure(missing), /missing\.js.* does not exist/);
  });

  test("that the app throws at start, and where", async () => {
    const app = await appFile("throws.mjs", 'throw new Error("no luck");');
    const said = await failure(app);
    assert.match(said, /throws\.mjs failed to load: no luck \(.*:1:7\)/);
    assert.equal(said.trim().split("\n").length, 1);
  });

  test("that the app exports nothing to serve", async () => {
    const app = await appFile("empty.mjs", "export {};");
    assert.match(await failure(app), /must listen by itself, or export an App/);
  });

  test("that a worker was not ready in time", async () => {
    const app = await appFile(
      "hangs.mjs",
      "await new Promise(() => {\n" + "  setInterval(() => {}, 1000);\n});",
    );
    const said = await failure(app, "--start-timeout-ms", "1000");
    assert.match(said, /not ready within startTimeoutMs/);
  });

  for (const scheduling of ["balanced", "shared"]) {
    test(`that the port is in use, ${scheduling}`, async (t) => {
      const server = createServer().listen(0, "127.0.0.1");
      t.after(() => server.close());
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      const args = ["--scheduling", scheduling, "--port", String(port)];
      const said = await failure(...args);
      assert.match(said, /cannot listen on 127\.0\.0\.1:\d+: .*in use/);
      assert.match(said, /; the setting is port \(from --port\)$/m);
    });
  }

  test("that the admin port is in use", async () => {
    const other = await startDaemon();
    const { code, stderr } = await runCli([
      "start",
      ...["--port", "0", "--admin-port", String(other.adminPort)],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /cannot listen on .*in use/);
    assert.match(
      stderr,
      /; the setting is admin\.port \(from --admin-port\)$/m,
    );
    await other.stop();
  });

  test("which setting has the address that cannot be had", async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    t.after(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const file = path.join(folder, "listen.json");
    const listen = [{ port: 0 }, { host: "127.0.0.1", port }];
    await writeFile(file, JSON.stringify({ listen }));
    const none = path.join(folder, "none", "x.sock");
    const cases = [
      [["--config", file], `listen[1].port (from ${file})`],
      [
        ["--agent-check-port", `${port}`, "--agent-check-host", "127.0.0.1"],
        "agentCheck.port (from --agent-check-port)",
      ],
      [["--socket-path", none], "socketPath (from --socket-path)"],
      [["--host", "192.0.2.1"], "host (from --host)"],
      [
        ["--control-socket-path", none],
        "control.socketPath (from --control-socket-path)",
      ],
    ] as const;
    await Promise.all(
      cases.map(async ([args, setting]) => {
        const hasPort = !["--config", "--socket-path"].includes(args[0]);
        const ports = hasPort ? PORTS : PORTS.slice(2);
        const { code, stderr } = await runCli(["start", ...ports, ...args]);
        assert.equal(code, 2, stderr);
        assert.ok(stderr.endsWith(`; the setting is ${setting}\n`), stderr);
      }),
    );
  });

  test("and shows the stack where it is asked to", async () => {
    const app = await appFile("stack.mjs", 'throw new Error("no luck");');
    const { code, stderr } = await runCli([
      "start",
      ...PORTS,
      app,
      "--show-stack-traces",
    ]);
    assert.equal(code, 2);
    assert.match(stderr, STACK_LINE);
  });
});
