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
import { loadSettings } from "../../../src/shared/config/load-settings.ts";
import { SettingsError } from "../../../src/shared/config/settings-error.ts";
import { configFolder } from "./config-folder.ts";

async function portIn(cwd: string): Promise<number> {
  return (await loadSettings({ cwd, env: {} })).settings.port;
}

async function refusal(cwd: string, configPath?: string): Promise<string> {
  const sources = { cwd, env: {}, configPath, configTimeoutMs: 200 };
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
    });
    for (const name of ["import.mjs", "call.mjs"]) {
      assert.match(
        await refusal(cwd, name),
        /fails: it has not settled after 200 ms$/,
      );
    }
  });

  for (const value of ["[]", "5", "null", '"port"', "new Map()", "undefined"]) {
    it(`when it exports ${value}`, async (test) => {
      const text = `export default ${value}`;
      const cwd = configFolder(test, { "remuda.config.mjs": text });
      assert.match(
        await refusal(cwd),
        /must default-export an object, or a function that returns one$/,
      );
    });
  }

  it("when it has no default export", async (test) => {
    const text = "export const port = 80;";
    const cwd = configFolder(test, { "remuda.config.mjs": text });
    assert.match(await refusal(cwd), /must default-export an object/);
  });
});
