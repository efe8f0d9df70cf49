/**
 * The daemon under the real nodemon, which restarts with USR2 unless it is told
 * otherwise. The test installs nodemon by npm, so it runs in CI and by
 * `npm run integration` only.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const isWanted = Boolean(process.env.CI || process.env.INTEGRATION);
const skip = isWanted ? false : "npm run integration installs nodemon for it";
const INSTALL_TIMEOUT_MS = 180_000;

interface Project {
  readonly folder: string;
  readonly app: string;
  readonly nodemon: string;
}

async function install(t: TestContext): Promise<Project> {
  const folder = projectFolder(t);
  const app = path.join(folder, "app.mjs");
  writeApp(app, "first");
  const tools = path.join(folder, "tools");
  mkdirSync(tools);
  const args = ["install", "--no-audit", "--no-fund", "--no-save", "nodemon@3"];
  const options = { cwd: tools, timeout: INSTALL_TIMEOUT_MS };
  await promisify(execFile)("npm", ["--prefix", tools, ...args], options);
  const nodemon = path.join(tools, "node_modules/nodemon/bin/nodemon.js");
  return { folder, app, nodemon };
}

function writeApp(app: string, says: string): void {
  const handler = `() => ok({ says: "${says}" })`;
  const text = `export default (app) => app.get("/", ${handler});`;
  writeFileSync(app, `import { ok } from "remuda";\n${text}\n`);
}

interface Run {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

async function run(
  { folder, nodemon }: Project,
  ...flags: string[]
): Promise<Run> {
  const port = await freePort();
  const script = path.join(root, "dist/cli.js");
  const args = [...flags, "--watch", "app.mjs", script, "start", "app.mjs"];
  const env = {
    ...process.env,
    NODE_TEST_CONTEXT: undefined,
    REMUDA_PORT: String(port),
    REMUDA_ADMIN_PORT: "0",
    REMUDA_WORKERS: "1",
    REMUDA_DRAIN_LINGER_MS: "0",
    REMUDA_RUNTIME_DIR: path.join(folder, `run-${port}`),
  };
  const child = spawn(process.execPath, [nodemon, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return { child, port, output: () => output };
}

/** Nodemon ends what it has started, and the daemon removes its pidfile. */
async function end({ child }: Run): Promise<void> {
  child.kill("SIGINT");
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, "exit");
  }
}

async function bodyOf(port: number): Promise<string> {
  try {
    return JSON.parse((await httpGet(port, "/")).body).says;
  } catch {
    return "";
  }
}

const mastersOf = (output: string) => {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  const ready = lines.filter((line) => line.includes('"msg":"ready"'));
  return ready.map((line) => Number(JSON.parse(line).pid));
};

describe("under nodemon", { skip }, () => {
  test("its USR2 is refused with what to write, and that restarts", async (t) => {
    const project = await install(t);
    const { app } = project;
    const plain = await run(project);
    const what = { what: "nodemon and the daemon", timeoutMs: 30_000 };
    try {
      const answers = async () => (await bodyOf(plain.port)) === "first";
      await waitUntil(answers, what);
      writeApp(app, "second");
      const refusal = /upgrade refused: nodemon .* nodemon --signal SIGINT/;
      await waitUntil(() => refusal.test(plain.output()), what);
      assert.equal(await bodyOf(plain.port), "first", "the same goes on");
    } finally {
      const [master = 0] = mastersOf(plain.output());
      await end(plain);
      // Nodemon does not wait for a process that it has asked to restart.
      if (master > 0 && isAlive(master)) process.kill(master, "SIGQUIT");
      await waitUntil(() => !isAlive(master), what);
    }
    const told = await run(project, "--signal", "SIGINT");
    try {
      const says = (text: string) => async () =>
        (await bodyOf(told.port)) === text;
      await waitUntil(says("second"), what);
      writeApp(app, "third");
      await waitUntil(says("third"), what);
      const [first = 0, second = 0] = mastersOf(told.output());
      assert.notEqual(first, second);
      assert.equal(isAlive(first), false, "no orphan is left");
    } finally {
      await end(told);
      for (const master of mastersOf(told.output())) {
        await waitUntil(() => !isAlive(master), what);
      }
    }
    assert.match(readFileSync(app, "utf8"), /third/);
  });
});

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
