import assert from "node:assert/strict";
import {
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { SettingsError } from "../../../../src/shared/config/checks/settings-error.ts";
import { loadSettings } from "../../../../src/shared/config/load-settings.ts";
import { configFolder } from "../config-folder.ts";

async function portIn(cwd: string): Promise<number> {
  return (await loadSettings({ cwd, env: {} })).settings.port;
}

async function refusal(
  cwd: string,
  configPath?: string,
  configTimeoutMs = 30_000,
): Promise<string> {
  const sources = { cwd, env: {}, configPath, configTimeoutMs };
  const error = await loadSettings(sources).then(
    () => assert.fail("was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SettingsError, String(error));
  return error.message;
}

describe("a config file", () => {
  const forms = {
    "remuda.config.json": '{ "port": 1234 }',
    "remuda.config.mjs": "export default { port: 1234 };",
    "remuda.config.cjs": "module.exports = { port: 1234 };",
    "remuda.config.js": "export default () => ({ port: 1234 });",
  };
  for (const [name, text] of Object.entries(forms)) {
    it(`may be ${name}: ${text}`, async (test) => {
      const manifest = { "package.json": '{ "type": "module" }' };
      assert.equal(
        await portIn(configFolder(test, { [name]: text, ...manifest })),
        1234,
      );
    });
  }

  it("may be CommonJS", async (test) => {
    const text = "module.exports = { port: 1234 };";
    assert.equal(
      await portIn(configFolder(test, { "remuda.config.js": text })),
      1234,
    );
  });

  it("may export an asynchronous function", async (test) => {
    const text = "export default async () => ({ port: 1234 });";
    assert.equal(
      await portIn(configFolder(test, { "remuda.config.mjs": text })),
      1234,
    );
  });

  it("may have spaces and signs of a URL in its name", async (test) => {
    const name = "my config#1?%20.mjs";
    const cwd = configFolder(test, { [name]: "export default { port: 1234 }" });
    const sources = { cwd, env: {}, configPath: name };
    assert.equal((await loadSettings(sources)).settings.port, 1234);
  });

  it("is not looked for where its name is none", async (test) => {
    const cwd = configFolder(test, { "remuda.config.json": '{"port": 1}' });
    const sources = { cwd, env: {}, configPath: "none" };
    const { settings, configFile } = await loadSettings(sources);
    assert.deepEqual([settings.port, configFile], [8080, undefined]);
    const env = { REMUDA_CONFIG: "none" };
    assert.equal((await loadSettings({ cwd, env })).settings.port, 8080);
  });

  it("is named by --config before REMUDA_CONFIG before the folder", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.json": '{"port": 1}',
      "b.json": '{"port": 2}',
      "c.json": '{"port": 3}',
    });
    const env = { REMUDA_CONFIG: "b.json" };
    assert.equal((await loadSettings({ cwd, env })).settings.port, 2);
    const { settings } = await loadSettings({ cwd, env, configPath: "c.json" });
    assert.equal(settings.port, 3);
  });
});

describe("an empty config file", () => {
  for (const name of ["remuda.config.json", "remuda.config.mjs"]) {
    it(`holds no settings: ${name}`, async (test) => {
      assert.equal(await portIn(configFolder(test, { [name]: "" })), 8080);
    });
  }
});

describe("what a config file does", () => {
  it("is over when it has given its settings", async (test) => {
    const text = `setInterval(() => {}, 1_000);
setTimeout(() => { throw new Error("too late to matter"); }, 10_000);
process.env.REMUDA_PORT = "80";
export default { port: 1234 };`;
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.equal(await portIn(cwd), 1234);
    assert.equal(process.env.REMUDA_PORT, undefined);
  });

  it("is done in the folder where the daemon was started", async (test) => {
    const text = "export default { app: process.cwd() + '/app.js' };";
    const files = { "a.mjs": text, "app.js": "" };
    const cwd = configFolder(test, files);
    const sources = { cwd, env: {}, configPath: "a.mjs" };
    const { settings } = await loadSettings(sources);
    assert.equal(settings.app, path.join(cwd, "app.js"));
  });

  it("may print: the settings have that, without signs to obey", async (test) => {
    const text =
      'console.log("\\x1b[2Jhello\\n\\x9bworld"); export default {};';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    const { configOutput } = await loadSettings({ cwd, env: {} });
    assert.equal(configOutput, "[2Jhello world");
  });
});

describe("a config file, read again", () => {
  const forms = {
    "remuda.config.json": (port: number) => `{ "port": ${port} }`,
    "remuda.config.mjs": (port: number) => `export default { port: ${port} }`,
    "remuda.config.js": (port: number) => `module.exports = { port: ${port} }`,
  };
  for (const [name, text] of Object.entries(forms)) {
    it(`is read from disk: ${name}`, async (test) => {
      const cwd = configFolder(test, { [name]: text(1) });
      assert.equal(await portIn(cwd), 1);
      writeFileSync(path.join(cwd, name), text(2));
      assert.equal(await portIn(cwd), 2);
    });
  }

  it("can be mended after an error", async (test) => {
    const cwd = configFolder(test, { "remuda.config.mjs": "throw 1" });
    await assert.rejects(portIn(cwd), SettingsError);
    const file = path.join(cwd, "remuda.config.mjs");
    writeFileSync(file, "export default { port: 2 }");
    assert.equal(await portIn(cwd), 2);
  });

  it("is read anew with what it imports", async (test) => {
    const config = 'import port from "./port.mjs"; export default { port };';
    const port = (value: number) => `export default ${value};`;
    const files = { "remuda.config.mjs": config, "port.mjs": port(1) };
    const cwd = configFolder(test, files);
    assert.equal(await portIn(cwd), 1);
    writeFileSync(path.join(cwd, "port.mjs"), port(2));
    assert.equal(await portIn(cwd), 2);
  });

  it("is looked for behind a link that was switched", async (test) => {
    const folder = configFolder(test);
    for (const port of [1, 2]) {
      const release = path.join(folder, `release-${port}`);
      mkdirSync(release);
      const text = `module.exports = { port: ${port} }`;
      writeFileSync(path.join(release, "remuda.config.js"), text);
    }
    const current = path.join(folder, "current");
    symlinkSync("release-1", current);
    assert.equal(await portIn(current), 1);
    symlinkSync("release-2", `${current}.new`);
    renameSync(`${current}.new`, current);
    assert.equal(await portIn(current), 2);
    unlinkSync(current);
  });
});

describe("a config file is refused", () => {
  it("beside another one, and both are named", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.js": "",
      "remuda.config.json": "{}",
    });
    assert.equal(
      await refusal(cwd),
      `more than one config file: "${cwd}/remuda.config.js" and ` +
        `"${cwd}/remuda.config.json"; keep one, or name it with --config`,
    );
  });

  it("when it is named and does not exist", async (test) => {
    const cwd = configFolder(test);
    assert.equal(
      await refusal(cwd, "nope.json"),
      `config file "${cwd}/nope.json" (from --config) does not exist`,
    );
    const env = { REMUDA_CONFIG: "nope.json" };
    await assert.rejects(loadSettings({ cwd, env }), /\(from REMUDA_CONFIG\)/);
  });

  it("when it throws, with the line", async (test) => {
    const text = '\nthrow new Error("no such secret");';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.equal(
      await refusal(cwd),
      `config file "${cwd}/remuda.config.mjs" fails in line 2: no such secret`,
    );
  });

  it("when its function throws, with the line", async (test) => {
    const text = 'export default () => {\n\n  throw new Error("boo");\n};';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(await refusal(cwd), /fails in line 3: boo$/);
  });

  it("when its syntax is wrong", async (test) => {
    const cwd = configFolder(test, { "remuda.config.mjs": "export default {" });
    assert.match(
      await refusal(cwd),
      /remuda\.config\.mjs" fails.*: Unexpected/,
    );
    const common = { "remuda.config.js": "module.exports = {\n  a:: 1 }" };
    assert.match(
      await refusal(configFolder(test, common)),
      /fails in line 2: Unexpected token ':'$/,
    );
  });

  it("when its JSON is wrong, in one line", async (test) => {
    const cwd = configFolder(test, { "remuda.config.json": '{\n "port": }\n' });
    assert.match(await refusal(cwd), /^config file ".*" fails: .*JSON.*$/);
  });

  it("when it imports what is not there", async (test) => {
    const text = 'import "./nope.js"; export default {};';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(await refusal(cwd), /fails: Cannot find module .*nope\.js/);
  });

  it("when it never settles", async (test) => {
    const cwd = configFolder(test, {
      "import.mjs": "await new Promise(() => {}); export default {};",
      "call.mjs": "export default () => new Promise(() => {});",
      "wait.mjs": "await new Promise((r) => setTimeout(r, 60_000));",
    });
    for (const name of ["import.mjs", "call.mjs"]) {
      assert.match(
        await refusal(cwd, name),
        /fails: it ended with code \d+ before it gave its settings/,
      );
    }
    assert.match(
      await refusal(cwd, "wait.mjs", 200),
      /fails: it has not settled after 200 ms$/,
    );
  });

  it("when what it imports has wrong syntax, with file and line", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.mjs": 'import a from "./a.mjs"; export default a;',
      "a.mjs": "\nexport default {{ a: 1 };",
    });
    assert.match(await refusal(cwd), /fails in \/.*\/a\.mjs:2: Unexpected/);
  });

  it("when it writes without end", async (test) => {
    const text = `import { setImmediate as turn } from "node:timers/promises";
for (;; await turn()) console.log("x".repeat(9_999));`;
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(
      await refusal(cwd),
      /fails: it writes more than 1048576 bytes/,
    );
  });

  it("when it holds too much", async (test) => {
    const text = 'export default { app: "x".repeat(2 ** 21) };';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(
      await refusal(cwd),
      /plain data only: it has more than 1048576 bytes$/,
    );
    const json = JSON.stringify({ app: "x".repeat(2 ** 21) });
    assert.match(
      await refusal(configFolder(test, { "remuda.config.json": json })),
      /fails: it has more than 1048576 bytes$/,
    );
  });

  it("when it writes a result of its own that means nothing", async (test) => {
    const text = 'import fs from "node:fs"; fs.writeSync(3, "{}\\n");';
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(await refusal(cwd), /its result cannot be understood$/);
  });

  it("when a process that it left holds its pipes", async (test) => {
    const text = `import { spawn } from "node:child_process";
const options = { stdio: "inherit", detached: true };
console.log(spawn("sleep", ["60"], options).pid);
process.exit(5);`;
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    const message = await refusal(cwd);
    const [, pid] = /code 5 .*; it printed: (\d+)$/.exec(message) ?? [];
    assert.ok(pid, message);
    process.kill(Number(pid));
  });

  it("when it is no file", async (test) => {
    const cwd = configFolder(test);
    mkdirSync(path.join(cwd, "remuda.config.json"));
    assert.match(
      await refusal(cwd),
      /cannot be read: it is not a regular file/,
    );
  });

  it("when it exports no object", async (test) => {
    const text = "export default new Map()";
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(
      await refusal(cwd),
      /must default-export an object, or a function that returns one$/,
    );
  });

  it("when it has no default export", async (test) => {
    const text = "export const port = 80;";
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(await refusal(cwd), /must default-export an object/);
  });
});
