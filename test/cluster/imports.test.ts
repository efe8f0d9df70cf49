/** Modules of the setting `import`, which workers load before the app. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { reload } from "../support/reload.ts";
import { runCli } from "../support/run-cli.ts";

after(stopAllDaemons);

const APP = `
  import { createApp, ok } from "remuda";
  export default createApp().get("/", () => ok(globalThis.loaded));
`;

/** A module that notes its name, and the process that has loaded it. */
const noting = (name: string) => `
  const { appendFileSync } = process.getBuiltinModule("node:fs");
  appendFileSync("pids", process.pid + "\\n");
  (globalThis.loaded ??= []).push("${name}");
`;

type Files = Readonly<Record<string, string>>;

function folderWith(t: TestContext, files: Files): string {
  const folder = projectFolder(t);
  for (const [name, content] of Object.entries({ "app.mjs": APP, ...files })) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

async function loadedIn({ port }: Daemon): Promise<unknown> {
  return JSON.parse((await httpGet(port, "/")).body);
}

describe("the modules of `import` are loaded", () => {
  test("in order, by workers only, before the app", async (t) => {
    const folder = folderWith(t, {
      "one.mjs": noting("one"),
      "two.cjs": noting("two"),
      "node_modules/three/package.json": '{"main": "main.js"}',
      "node_modules/three/main.js": noting("three"),
    });
    const flags = ["--import", "./one.mjs", "--import", "./two.cjs,three"];
    const args = ["--workers", "2", ...flags];
    const daemon = await startDaemon({ cwd: folder, app: "app.mjs", args });
    assert.deepEqual(await loadedIn(daemon), ["one", "two", "three"]);
    const pids = readFileSync(path.join(folder, "pids"), "utf8");
    const noted = new Set(pids.trim().split("\n").map(Number));
    assert.deepEqual(noted, new Set(daemon.workerPids()));
    await daemon.stop();
  });

  test("from the config file's folder, anew at each reload", async (t) => {
    const folder = folderWith(t, {
      "deploy/remuda.config.json": '{"import": ["../now/one.mjs"]}',
      "first/one.mjs": noting("first"),
      "second/one.mjs": noting("second"),
    });
    const link = (release: string, name: string) =>
      symlinkSync(release, path.join(folder, name));
    link("first", "now");
    const config = ["--config", "deploy/remuda.config.json"];
    const args = ["--workers", "1", ...config];
    const daemon = await startDaemon({ cwd: folder, app: "app.mjs", args });
    assert.deepEqual(await loadedIn(daemon), ["first"]);
    link("second", "next");
    await rename(path.join(folder, "next"), path.join(folder, "now"));
    // A generation keeps its release.
    const [pid] = daemon.workerPids();
    assert.ok(pid);
    process.kill(pid, "SIGKILL");
    const since = daemon.logs.length;
    await daemon.waitForLog("worker ready", { since });
    assert.deepEqual(await loadedIn(daemon), ["first"]);
    await reload(daemon, "reloaded");
    assert.deepEqual(await loadedIn(daemon), ["second"]);
    await daemon.stop();
  });
});

describe("a start fails", () => {
  const CASES = [
    ["./none.mjs", /import ".*none\.mjs" \(from --import\) does not exist/],
    ["none", /there is no module "none" to import for .*app\.mjs: Cannot/],
    ["./bad.mjs", /module .*bad\.mjs failed to load: no luck \(.*:1:7\)/],
    ["./wrong.cjs", /module .*wrong\.cjs failed to load: let is disallowed/],
  ] as const;

  for (const [module, message] of CASES) {
    test(`where ${module} cannot be imported`, async (t) => {
      const cwd = folderWith(t, {
        "bad.mjs": 'throw new Error("no luck");',
        "wrong.cjs": "let let = }",
      });
      const ports = ["--port", "0", "--admin-port", "0", "--workers", "1"];
      const args = ["start", "app.mjs", ...ports, "--import", module];
      const { code, stderr } = await runCli(args, { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    });
  }
});
