/**
 * deploy/Dockerfile, without Docker: what it says is looked at by a linter, and
 * what it runs is run.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";
import {
  loadDockerfileLinter,
  loadDockerfileParser,
  packagesSkipReason,
} from "./checking-packages.ts";
import { buildImage, hasOwnFiles, type Image, MOUNT } from "./image-build.ts";
import { packedProject } from "./packed-project.ts";

const deploy = path.resolve(fileURLToPath(import.meta.url), "../../../deploy");
const text = readFileSync(path.join(deploy, "Dockerfile"), "utf8");
const settings = settingsSchema.parse({});
const TIMEOUT = { timeoutMs: 20_000 };
const PATH = [path.dirname(process.execPath), process.env.PATH].join(":");

const APP = `
  import { createApp, ok } from "remuda";
  import { accessSync, constants } from "node:fs";
  const isWritable = () => {
    try { accessSync(".", constants.W_OK); return true; } catch { return false; }
  };
  const app = createApp();
  app.get("/", () => ok({ uid: process.getuid(), isWritable: isWritable() }));
  export default app;
`;

after(removeTemporaryFolders);

/** The last one is that which counts. */
async function instruction(keyword: string): Promise<string> {
  const parse = await loadDockerfileParser();
  const found = parse(text).findLast((each) => each.getKeyword() === keyword);
  assert.ok(found, `no ${keyword}`);
  return `${keyword} ${found.getArgumentsContent()}`;
}

describe("the Dockerfile", { skip: packagesSkipReason }, () => {
  test("is one to which a linter has nothing to say", async () => {
    const { validate } = await loadDockerfileLinter();
    assert.deepEqual(validate(text), []);
    const [said] = validate(text.replace("--retries", "--retry"));
    assert.match(said?.message ?? "", /Unknown flag: retry/);
  });

  test("agrees with the settings that the server begins with", async () => {
    const { port, admin, startTimeoutMs, drain } = settings;
    assert.equal(await instruction("EXPOSE"), `EXPOSE ${port} ${admin.port}`);
    const [, seconds] = / --start-period=(\d+)s/.exec(text) ?? [];
    assert.equal(Number(seconds) * 1_000, startTimeoutMs);
    const [, stop] = /docker stop -t (\d+)/.exec(text) ?? [];
    const needsMs = drain.preStopDelayMs + drain.deadlineMs + 2_000;
    assert.ok(Number(stop) * 1_000 > needsMs);
  });

  test("has a user whom Kubernetes can see not to be root", async () => {
    assert.match(await instruction("USER"), /^USER [1-9]\d*:[1-9]\d*$/);
  });

  test("builds what starts, tells its health, and stops", async (t) => {
    const image = await build(t);
    const srv = path.join(image.root, "srv/app");
    assert.ok(existsSync(path.join(srv, "app.js")), "the build's result");
    assert.ok(!existsSync(path.join(srv, ".env")), "ignored");
    assert.ok(!existsSync(path.join(srv, "node_modules/build-tool")), "pruned");
    await tryImage(t, image);
  });
});

/** What a user would have: an app with a build, a secret, and tools. */
async function build(t: TestContext): Promise<Image> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const context = path.join(folder, "context");
  const stages = path.join(folder, "stages");
  for (const each of [context, stages]) mkdirSync(each);
  const inContext = (name: string) => path.join(context, name);
  mkdirSync(inContext("node_modules"));
  writeFileSync(inContext("node_modules/of-the-host"), "");
  writeFileSync(inContext(".env"), "PASSWORD=secret");
  writeFileSync(inContext("source.js"), APP);
  await packedProject(t, context, {
    build: "test -d node_modules/build-tool && cp source.js app.js",
  });
  for (const name of ["Dockerfile", "Dockerfile.dockerignore"]) {
    cpSync(path.join(deploy, name), inContext(name));
  }
  const dockerfile = inContext("Dockerfile");
  const env = { PATH, ...npmEnv(), npm_config_prefer_offline: "true" };
  return buildImage({ dockerfile, context, stages, env });
}

/** How npm gets packages on this machine. */
function npmEnv(): Record<string, string> {
  const names = [
    ...["HOME", "HTTP_PROXY", "HTTPS_PROXY", "NODE_EXTRA_CA_CERTS"],
    ...["cache", "registry", "userconfig"].map((n) => `NPM_CONFIG_${n}`),
  ].map((name) => name.toUpperCase());
  const given = Object.entries(process.env).filter(([name]) => {
    return names.includes(name.toUpperCase());
  });
  return {
    HOME: "/root",
    ...(Object.fromEntries(given) as Record<string, string>),
    // This package is served by the test.
    npm_config_noproxy: ["127.0.0.1", process.env.NO_PROXY].join(","),
  };
}

interface Container {
  /** The child is process 1, where it has processes of its own. */
  readonly process: ChildProcess;
  /** How a command is run inside. */
  readonly enter: (command: readonly string[]) => number | null;
  readonly signal: (name: string) => void;
  /** Ends all that is left of it. */
  readonly remove: () => void;
}

/** As `docker run`, in namespaces where that is allowed. */
function start(image: Image, settings: Record<string, string>): Container {
  const { root, workdir, user } = image;
  const env = { PATH, ...image.env, ...settings };
  const [uid, gid] = user.split(":");
  const asUser = `setpriv --reuid ${uid} --regid ${gid} --clear-groups "$@"`;
  const command = [...image.entrypoint, ...image.cmd];
  if (!hasOwnFiles) {
    const cwd = path.join(root, workdir);
    const [program = "", ...args] = command;
    const stdio = "inherit";
    const child = spawn(program, args, { cwd, env, stdio, detached: true });
    const enter = ([name = "", ...given]: readonly string[]) =>
      spawnSync(name, given, { cwd, env, ...{ timeout: 5_000 } }).status;
    return {
      process: child,
      enter,
      signal: (name) => child.kill(name as never),
      remove: () => killIfThere(-(child.pid as number)),
    };
  }
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc"];
  const script = `${MOUNT} && exec ${asUser}`;
  const child = spawn(
    "unshare",
    [
      ...[...namespaces, "--kill-child=KILL", "sh", "-ec", script],
      ...[root, workdir, ...command],
    ],
    { env, stdio: ["ignore", "ignore", "inherit"] },
  );
  const first = () => {
    const file = `/proc/${child.pid}/task/${child.pid}/children`;
    return Number(readFileSync(file, "utf8").trim().split(" ")[0]);
  };
  const enter = (given: readonly string[]) => {
    const inside = ["--target", String(first()), "--mount", "--pid"];
    const change = `cd ${workdir} && exec ${asUser}`;
    return spawnSync(
      "nsenter",
      [...inside, "sh", "-ec", change, "sh", ...given],
      { env, timeout: 5_000 },
    ).status;
  };
  const signal = (name: string) => process.kill(first(), name);
  // Who becomes another user does not hear of its parent's death any more; with
  // its first process a namespace loses all others.
  const remove = () => {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded) killIfThere(first());
  };
  return { process: child, enter, signal, remove };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function tryImage(t: TestContext, image: Image): Promise<void> {
  const port = await freePort();
  // A container has a /tmp of its own; this one shares that of the machine.
  const runtimeFolder = temporaryFolder();
  const [uid, gid] = image.user.split(":").map(Number);
  if (hasOwnFiles) chownSync(runtimeFolder, uid ?? 0, gid ?? 0);
  const container = start(image, {
    REMUDA_RUNTIME_DIR: runtimeFolder,
    REMUDA_PORT: String(port),
    REMUDA_ADMIN_PORT: "0",
    REMUDA_WORKERS: "1",
    REMUDA_DRAIN_LINGER_MS: "0",
    REMUDA_DRAIN_PRE_STOP_DELAY_MS: "30000",
  });
  const exited = once(container.process, "exit");
  t.after(() => container.remove());
  const health = () => container.enter(image.healthcheck);
  const isHealthy = () => health() === 0 || container.process.exitCode !== null;
  await waitUntil(isHealthy, { what: "health", ...TIMEOUT });
  assert.equal(container.process.exitCode, null, "it has left");
  const { body } = await httpGet(port, "/");
  const expected = { uid, isWritable: false };
  if (hasOwnFiles) assert.deepEqual(JSON.parse(body), expected);
  container.signal(image.stopSignal);
  await waitUntil(() => health() === 1, { what: "no health", ...TIMEOUT });
  container.signal(image.stopSignal);
  assert.deepEqual(await exited, [0, null]);
}
