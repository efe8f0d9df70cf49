import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { configFolder } from "./shared/config/config-folder.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const tsx = import.meta.resolve("tsx");
const cli = path.join(root, "src/cli.ts");

/** Runs the command in a folder and waits until it has ended. */
async function remuda(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
) {
  const child = spawn(process.execPath, ["--import", tsx, cli, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { stdout, stderr, code };
}

describe("remuda check-config", () => {
  it("prints each setting with its origin", async (test) => {
    const folder = configFolder(test, {
      "remuda.config.mjs": "export default { maxFields: 50 }",
      "app.js": "",
    });
    const { stdout, stderr, code } = await remuda(
      folder,
      ["check-config", "app.js", "--port", "3000"],
      { REMUDA_WORKERS: "2" },
    );
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = stdout.split("\n").map((line) => line.split(/\s{2,}/));
    const app = `"${folder}/app.js"`;
    const file = `${folder}/remuda.config.mjs`;
    for (const row of [
      ["SETTING", "VALUE", "FROM"],
      ["app", app, "the command line"],
      ["socketPath", "-", "default"],
      ["port", "3000", "--port"],
      ["workers", "2", "REMUDA_WORKERS"],
      ["maxFields", "50", file],
      ["drain.deadlineMs", "20000", "default"],
    ]) {
      assert.deepEqual(
        rows.find(([name]) => name === row[0]),
        row,
      );
    }
  });

  it("warns on stderr of what is hardly meant", async (test) => {
    const args = ["check-config", "--load-balancer-idle-ms", "60000"];
    const { stdout, stderr, code } = await remuda(configFolder(test), args);
    assert.equal(code, 0);
    assert.match(stdout, /^loadBalancerIdleMs +60000/m);
    assert.match(stderr, /^remuda: warning: drain\.deadlineMs is 20000 .*\n$/);
  });

  it("names the folder it runs in as the shell does", async (test) => {
    const folder = configFolder(test, { "app.js": "" });
    const link = path.join(configFolder(test), "current");
    symlinkSync(folder, link);
    const args = ["check-config", "app.js"];
    const linked = await remuda(folder, args, { PWD: link });
    assert.ok(linked.stdout.includes(`"${link}/app.js"`), linked.stdout);
    const stale = await remuda(folder, args, { PWD: "/" });
    assert.ok(stale.stdout.includes(`"${folder}/app.js"`), stale.stdout);
  });

  it("aligns its columns", async (test) => {
    const { stdout } = await remuda(configFolder(test), ["check-config"]);
    const lines = stdout.trimEnd().split("\n");
    const column = lines[0]?.indexOf("FROM");
    for (const line of lines.slice(1)) {
      assert.equal(line.indexOf("default"), column);
    }
  });

  it("tells all problems on stderr and exits with 2", async (test) => {
    const folder = configFolder(test, { "remuda.config.json": '{"prot": 1}' });
    const args = ["check-config", "--workers", "none", "gone.js"];
    const { stdout, stderr, code } = await remuda(folder, args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.deepEqual(stderr.split("\n"), [
      `remuda: there is no setting prot (from ${folder}/remuda.config.json); ` +
        "did you mean port?",
      'remuda: workers is "none" (from --workers); it must be an integer, ' +
        '1 to 1024, "cores", or a range: 2-8, 1-cores, { min, max }',
      `remuda: app module "${folder}/gone.js" (from the command line) ` +
        "does not exist",
      "",
    ]);
  });

  it("ends though the config file leaves a timer running", async (test) => {
    const folder = configFolder(test, {
      "remuda.config.mjs": "setInterval(() => {}, 1e6); export default {}",
    });
    assert.equal((await remuda(folder, ["check-config"])).code, 0);
  });

  it("shows a stack trace only when asked", async (test) => {
    const folder = configFolder(test, {
      "remuda.config.mjs": 'throw new Error("boo")',
    });
    const plain = await remuda(folder, ["check-config"]);
    assert.equal(plain.stderr.trimEnd().split("\n").length, 1);
    const stack = /\n +at .*remuda\.config\.mjs/;
    const flag = ["check-config", "--show-stack-traces"];
    assert.match((await remuda(folder, flag)).stderr, stack);
    const env = { REMUDA_SHOW_STACK_TRACES: "true" };
    assert.match((await remuda(folder, ["check-config"], env)).stderr, stack);
  });
});

describe("remuda start", () => {
  it("refuses an app module that does not exist", async (test) => {
    const folder = configFolder(test);
    assert.deepEqual(await remuda(folder, ["start", "app.js"]), {
      stdout: "",
      stderr:
        `remuda: app module "${folder}/app.js" (from the command line) ` +
        "does not exist\n",
      code: 2,
    });
  });
});

describe("remuda", () => {
  it("prints its help", async (test) => {
    const help = await remuda(configFolder(test), ["start", "--help"]);
    assert.match(help.stdout, /^Usage: remuda start/);
    assert.equal(help.code, 0);
  });

  it("prints its version", async (test) => {
    const manifest = readFileSync(path.join(root, "package.json"), "utf8");
    const { stdout, code } = await remuda(configFolder(test), ["--version"]);
    assert.deepEqual([stdout, code], [`${JSON.parse(manifest).version}\n`, 0]);
  });

  it("refuses what it does not know in one line", async (test) => {
    const folder = configFolder(test);
    assert.deepEqual(await remuda(folder, ["strat"]), {
      stdout: "",
      stderr:
        'remuda: unknown command "strat" (did you mean start?); ' +
        "see remuda --help\n",
      code: 2,
    });
  });

  it("names the help of the command that was used wrongly", async (test) => {
    const folder = configFolder(test);
    const { stderr, code } = await remuda(folder, ["logs", "reopen", "now"]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'remuda: logs reopen does not take "now"; ' +
        "see remuda logs reopen --help\n",
    );
  });
});

describe("remuda routes", () => {
  const app = `
    import { createApp } from "${root}/src/create-app.ts";
    import { ok } from "${root}/src/worker/http/response-helpers.ts";
    const app = createApp();
    app.get("/users/:id", () => ok(), { name: "user" });
    app.post("/users", () => ok());
  `;
  for (const [how, end] of [
    ["exports it", "export default app;"],
    ["runs it", "await app.run();"],
  ] as const) {
    it(`prints the routes of an app module that ${how}`, async (test) => {
      const folder = configFolder(test, { "app.mjs": app + end });
      const { stdout, stderr, code } = await remuda(folder, [
        "routes",
        "app.mjs",
      ]);
      assert.deepEqual([code, stderr], [0, ""]);
      const rows = stdout.trimEnd().split("\n");
      assert.match(
        rows[1] ?? "",
        /^GET +\/users\/:id +user +- +\/.*app\.mjs:5/,
      );
      assert.match(rows[2] ?? "", /^POST +\/users +- +- +\/.*app\.mjs:6/);
      assert.equal(rows.length, 3);
    });
  }

  it("says what is wrong with the module, and exits with 1", async (test) => {
    const folder = configFolder(test, { "app.mjs": "throw new Error('no')" });
    const { stderr, code } = await remuda(folder, ["routes", "app.mjs"]);
    assert.equal(code, 1);
    assert.match(stderr, /^remuda: app module .*app\.mjs failed to load: no/);
  });
});
