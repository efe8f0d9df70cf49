import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { textAnswer } from "../../../src/master/admin/admin-server.ts";
import {
  ControlSocket,
  type ControlSocketOptions,
} from "../../../src/master/admin/control-socket.ts";
import { StartError } from "../../../src/master/start-error.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import { deferred } from "../../support/deferred.ts";
import { waitUntil } from "../../support/wait-until.ts";

type Given = Omit<Partial<ControlSocketOptions>, "settings"> & {
  readonly runtimeDir?: string;
  readonly socketPath?: string;
  readonly says?: string;
};

async function open(t: TestContext, given: Given) {
  const { runtimeDir, socketPath, says = "hello", ...options } = given;
  let path = "";
  const socket = await ControlSocket.open({
    settings: settingsSchema.parse({ runtimeDir, control: { socketPath } }),
    pages: { routes: new Map([["/", () => textAnswer(200, says)]]) },
    onListening: (at) => {
      path = at;
    },
    onMissing: (reasons) => assert.fail(reasons.join("\n")),
    ...options,
  });
  const close = () => socket.close();
  t.after(close);
  return { path, close };
}

async function refusal(t: TestContext, given: Given): Promise<string> {
  const error = await open(t, given).then(
    () => assert.fail("it was opened"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StartError, String(error));
  return error.message;
}

async function ask(socketPath: string): Promise<string> {
  const { promise, resolve, reject } = deferred<http.IncomingMessage>();
  const options = { socketPath, path: "/", agent: false };
  http.get(options, resolve).on("error", reject);
  return (await text(await promise)).trim();
}

/** The socket file of a process that was killed. */
async function leaveStale(file: string): Promise<void> {
  const server = net.createServer();
  const { promise, resolve } = deferred();
  server.listen(`${file}.live`, () => resolve());
  await promise;
  fs.renameSync(`${file}.live`, file);
  await new Promise((onClose) => server.close(onClose));
}

describe("the control socket", () => {
  it("is made in the runtime folder, which it makes", async (t) => {
    const runtimeDir = path.join(configFolder(t), "a", "b");
    const socket = await open(t, { runtimeDir });
    const name = `remuda-${process.pid}.sock`;
    assert.equal(socket.path, path.join(runtimeDir, name));
    assert.equal(await ask(socket.path), "hello");
    assert.equal(fs.statSync(runtimeDir).mode & 0o777, 0o700);
    assert.deepEqual(fs.readdirSync(runtimeDir), [name]);
  });

  it("is for its owner alone, whatever the umask", async (t) => {
    for (const mask of [0, 0o22, 0o777]) {
      const before = process.umask(mask);
      t.after(() => process.umask(before));
      const runtimeDir = configFolder(t);
      const opening = open(t, { runtimeDir });
      const { path: file } = await opening.finally(() => {
        assert.equal(process.umask(before), mask, "the umask is as before");
      });
      const { mode } = fs.statSync(file);
      assert.equal(mode & 0o077, 0);
      if (mask !== 0o777) assert.equal(mode & 0o777, 0o600);
    }
  });

  it("goes when it is closed", async (t) => {
    const runtimeDir = configFolder(t);
    const socket = await open(t, { runtimeDir });
    await socket.close();
    assert.deepEqual(fs.readdirSync(runtimeDir), []);
  });

  it("takes away those of masters that are dead, no others", async (t) => {
    const runtimeDir = configFolder(t, { "remuda.txt": "", "a.sock": "" });
    const own = await open(t, { runtimeDir });
    const live = path.join(runtimeDir, "remuda-2.sock");
    fs.renameSync(own.path, live);
    await leaveStale(path.join(runtimeDir, "remuda-1.sock"));
    const { path: file } = await open(t, { runtimeDir });
    assert.deepEqual(
      fs.readdirSync(runtimeDir).sort(),
      ["a.sock", "remuda.txt", path.basename(live), path.basename(file)].sort(),
    );
  });

  it("is where control.socketPath says", async (t) => {
    const socketPath = path.join(configFolder(t), "control.sock");
    await leaveStale(socketPath);
    const socket = await open(t, { socketPath, runtimeDir: "/nowhere" });
    assert.equal(socket.path, socketPath);
    assert.equal(await ask(socketPath), "hello");
  });

  it("takes the place of its predecessor's, which leaves it", async (t) => {
    const socketPath = path.join(configFolder(t), "control.sock");
    const old = await open(t, { socketPath, says: "old" });
    const given = { socketPath, says: "new", succeedsAnother: true };
    const successor = await open(t, given);
    assert.equal(await ask(socketPath), "new");
    await old.close();
    assert.equal(await ask(socketPath), "new");
    await successor.close();
    assert.equal(fs.existsSync(socketPath), false);
  });

  it("comes again where somebody has removed it, with its folder", async (t) => {
    const runtimeDir = path.join(configFolder(t), "run");
    const listening: string[] = [];
    await open(t, {
      runtimeDir,
      checkIntervalMs: 10,
      onListening: (at) => listening.push(at),
    });
    const [first = ""] = listening;
    fs.rmSync(runtimeDir, { recursive: true });
    await waitUntil(() => listening.length === 2, { what: "it to come again" });
    assert.equal(listening[1], first);
    assert.equal(await ask(first), "hello");
  });

  it("is done without where no usual folder can be used", async (t) => {
    const file = path.join(configFolder(t, { file: "" }), "file");
    const { XDG_RUNTIME_DIR, RUNTIME_DIRECTORY, TMPDIR } = process.env;
    t.after(() => {
      for (const [name, value] of Object.entries({
        XDG_RUNTIME_DIR,
        RUNTIME_DIRECTORY,
        TMPDIR,
      })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    const nowhere = path.join(file, "none");
    process.env.XDG_RUNTIME_DIR = nowhere;
    process.env.TMPDIR = nowhere;
    delete process.env.RUNTIME_DIRECTORY;
    t.mock.method(process as Required<typeof process>, "geteuid", () => 4711);
    const { promise, resolve } = deferred<readonly string[]>();
    const socket = await ControlSocket.open({
      settings: settingsSchema.parse({}),
      pages: { routes: new Map() },
      onListening: (at) => assert.fail(at),
      onMissing: resolve,
    });
    t.after(() => socket.close());
    assert.equal((await promise).length, 2);
  });
});

describe("a control socket is refused", () => {
  it("where its folder belongs to another user", async (t) => {
    const runtimeDir = configFolder(t);
    const owner = process.getuid?.();
    t.mock.method(process as Required<typeof process>, "geteuid", () => 4711);
    const said = await refusal(t, { runtimeDir });
    assert.match(said, new RegExp(`belongs to user ${owner}, not to 4711`));
  });

  it("where others may write to its folder", async (t) => {
    const runtimeDir = configFolder(t);
    fs.chmodSync(runtimeDir, 0o770);
    const said = await refusal(t, { runtimeDir });
    assert.match(said, /others may write to .* \(mode 770\)/);
  });

  it("where its folder is a file", async (t) => {
    const runtimeDir = path.join(configFolder(t, { file: "" }), "file");
    assert.match(await refusal(t, { runtimeDir }), /file/);
  });

  it("where its path does not fit into an address", async (t) => {
    const runtimeDir = path.join(configFolder(t), "long".repeat(25));
    const said = await refusal(t, { runtimeDir });
    assert.match(said, /ENAMETOOLONG/);
  });

  it("where another daemon listens at its path", async (t) => {
    const socketPath = path.join(configFolder(t), "control.sock");
    const other = await open(t, { socketPath, says: "other" });
    assert.equal(
      await refusal(t, { socketPath }),
      `no control socket: cannot listen on ${socketPath}: ` +
        "the address is in use (EADDRINUSE)",
    );
    assert.equal(await ask(other.path), "other");
  });

  it("where its path is that of a file", async (t) => {
    const socketPath = path.join(configFolder(t, { file: "text" }), "file");
    assert.match(await refusal(t, { socketPath }), /EADDRINUSE/);
    assert.equal(fs.readFileSync(socketPath, "utf8"), "text");
  });

  it("where its folder does not exist", async (t) => {
    const socketPath = path.join(configFolder(t), "none", "control.sock");
    const said = await refusal(t, { socketPath });
    assert.match(said, /cannot listen on .*: the folder does not exist/);
  });
});
