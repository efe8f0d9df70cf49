import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { App } from "../../src/worker/app/app.ts";
import { AppModuleError, loadApp } from "../../src/worker/load-app.ts";
import { configFolder } from "../shared/config/config-folder.ts";

const APP = new URL("../../src/worker/app/app.ts", import.meta.url).href;
const LOAD_APP = new URL("../../src/worker/load-app.ts", import.meta.url).href;
const IMPORTS = `
  import { App } from ${JSON.stringify(APP)};
  import { offerApp } from ${JSON.stringify(LOAD_APP)};
  const answer = () => {};
`;

const REQUIRES_TWO = `
  import { createRequire } from "node:module";
  createRequire(import.meta.url)("./two.cjs");
`;

interface Module {
  readonly file: string;
  load(): Promise<App>;
}

/** An app module of these lines. */
function moduleOf(test: TestContext, lines: string, imports = IMPORTS): Module {
  const text = `${imports}${lines}\n`;
  const file = path.join(configFolder(test, { "app.mjs": text }), "app.mjs");
  return { file, load: () => loadApp(file, () => new App()) };
}

/** The paths of its routes. */
async function patternsOf(app: Promise<App>): Promise<string[]> {
  return (await app).routes().map(({ pattern }) => pattern);
}

async function failureOf(module: Module): Promise<AppModuleError> {
  const error = await module.load().then(
    () => assert.fail("it was loaded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AppModuleError);
  assert.ok(error.message.startsWith(`app module ${module.file} `));
  return error;
}

describe("an app is", () => {
  it("the welcome app where no module is given", async () => {
    const app = loadApp(undefined, () => new App());
    assert.deepEqual(await patternsOf(app), ["/", "/hello/:name"]);
  });

  it("what a module exports by default", async (t) => {
    const lines = 'export default new App().get("/mine", answer);';
    const { load } = moduleOf(t, lines);
    assert.deepEqual(await patternsOf(load()), ["/mine"]);
  });

  it("what its default function fills", async (t) => {
    const lines = 'export default (app) => { app.get("/filled", answer); };';
    const { load } = moduleOf(t, lines);
    assert.deepEqual(await patternsOf(load()), ["/filled"]);
  });

  it("what its default function makes, also in time", async (t) => {
    const lines = `export default async () => {
      await null;
      return new App().get("/made", answer);
    };`;
    const { load } = moduleOf(t, lines);
    assert.deepEqual(await patternsOf(load()), ["/made"]);
  });

  it("known by its shape: the module may bring its own copy", async (t) => {
    const lines = `export default {
      handle: answer,
      routes: () => [{ method: "GET", pattern: "/copy" }],
    };`;
    const { load } = moduleOf(t, lines, "const answer = () => {};");
    assert.deepEqual(await patternsOf(load()), ["/copy"]);
  });
});

describe("an app module is refused", () => {
  it("where there is none", async (t) => {
    const folder = configFolder(t);
    const file = path.join(folder, "none.mjs");
    const load = () => loadApp(file, () => new App());
    const { message, cause } = await failureOf({ file, load });
    assert.match(message, /failed to load: Cannot find module/);
    assert.ok(cause instanceof Error);
  });

  it("where it throws, with the place", async (t) => {
    const module = moduleOf(t, 'throw new Error("no database");', "");
    const { message, cause } = await failureOf(module);
    assert.match(message, /failed to load: no database/);
    assert.ok(message.includes(`(${module.file}:1:`), message);
    assert.ok(cause instanceof Error);
    assert.equal(cause.message, "no database");
  });

  it("where it throws what is no error", async (t) => {
    const { message } = await failureOf(moduleOf(t, 'throw "just so";'));
    assert.match(message, /failed to load: just so$/);
  });

  it("where it is not JavaScript, with the line", async (t) => {
    const module = moduleOf(t, "const = 1;", "");
    const { message } = await failureOf(module);
    const line = "\\nconst = 1;\\n {6}\\^$";
    assert.match(message, /failed to load: Unexpected token '='/);
    assert.match(message, new RegExp(`\\(${module.file}:1\\)${line}`));
  });

  it("where what it imports cannot be parsed, with file and line", async (t) => {
    const bad = "const one = 1;\nfunction two( {\n  return one;\n}\n";
    const cases: readonly [string, string, string][] = [
      ["by.mjs", 'import "./lib/one.mjs";', 'import "./two.mjs";'],
      ["later.mjs", 'await import("./lib/one.mjs");', 'import "./two.mjs";'],
      ["script.mjs", 'import "./lib/one.mjs";', REQUIRES_TWO],
      ["again.mjs", 'import "./lib/one.mjs";', 'export * from "./two.mjs";'],
    ];
    for (const [name, text, one] of cases) {
      const folder = configFolder(t, { [name]: text });
      mkdirSync(path.join(folder, "lib"));
      const two = path.join(folder, "lib/two");
      writeFileSync(path.join(folder, "lib/one.mjs"), one);
      for (const kind of ["mjs", "cjs"]) writeFileSync(`${two}.${kind}`, bad);
      const file = path.join(folder, name);
      const load = () => loadApp(file, () => new App());
      const { message } = await failureOf({ file, load });
      const place = `\\(${two}.[mc]js:[23]\\)\\n {2}return one;`;
      assert.match(message, new RegExp(place), name);
    }
  });

  it("where an import has another name, with the line", async (t) => {
    const module = moduleOf(t, 'import { none } from "node:fs";', "");
    const { message } = await failureOf(module);
    assert.ok(message.includes(`(${module.file}:1)\nimport { none }`), message);
  });

  it("where its own code parses what is no JSON", async (t) => {
    const module = moduleOf(t, 'JSON.parse("{");', "");
    const { message } = await failureOf(module);
    assert.ok(message.includes(`(${module.file}:1:6)`), message);
  });

  it("where its default function throws", async (t) => {
    const lines = 'export default () => { throw new Error("no config"); };';
    const { message } = await failureOf(moduleOf(t, lines));
    assert.match(message, /failed in its default function: no config \(/);
  });

  it("where its default function rejects", async (t) => {
    const lines = 'export default async () => { throw new Error("late"); };';
    const { message } = await failureOf(moduleOf(t, lines));
    assert.match(message, /failed in its default function: late/);
  });

  it("where it exports nothing by default", async (t) => {
    const lines = "export const app = new App();";
    const { message } = await failureOf(moduleOf(t, lines));
    assert.match(message, /must listen by itself, or export an App by default/);
    assert.match(message, /its default export is missing$/);
  });

  it("where its default export is something else", async (t) => {
    const others = { "{}": "object", null: "object", "'app'": "string" };
    for (const [value, type] of Object.entries(others)) {
      const lines = `export default ${value};`;
      const { message } = await failureOf(moduleOf(t, lines));
      assert.match(message, new RegExp(`its default export is an? ${type}$`));
    }
  });

  it("where its default function makes something else", async (t) => {
    const lines = "export default () => 404;";
    const { message } = await failureOf(moduleOf(t, lines));
    assert.match(message, /or export an App by default \(or a function/);
  });
});

/** Apps of libraries installed for tests, or objects of the same shape. */
const FOREIGN: readonly (readonly [string, string, RegExp])[] = [
  [
    "an Express app",
    'import express from "express"; export default express();',
    /exports an Express app, and does not listen; call its listen\(\), or write: export default serveNode\(app\)/,
  ],
  [
    "a function that makes an Express app",
    'import express from "express"; export default () => express();',
    /makes an Express app, and does not listen; /,
  ],
  [
    "a Fastify app",
    'import fastify from "fastify"; export default fastify();',
    /a Fastify app, .* write: await app\.ready\(\); .*serveNode\(app\.routing\)/,
  ],
  [
    "a Koa app",
    'import Koa from "koa"; export default new Koa();',
    /a Koa app, .* write: export default serveNode\(app\.callback\(\)\)/,
  ],
  [
    "a Hono app",
    'import { Hono } from "hono"; export default new Hono();',
    /fetch\(\), .* write: export default serveFetch\(app\.fetch\)/,
  ],
  [
    "a server of node:http",
    'import http from "node:http"; export default http.createServer();',
    /a server of node:http, .* write: export default serveNode\(server\)/,
  ],
  [
    "a Nest application",
    `const none = () => {};
    export default { getHttpAdapter: none, listen: none, init: none };`,
    /a Nest application, .* write: await app\.init\(\); /,
  ],
  [
    "a listener",
    "export default (request, response) => response.end();",
    /nothing else \(of a listener of node:http write export default serve/,
  ],
];

describe("what another library made is refused, with what to write", () => {
  for (const [what, lines, expected] of FOREIGN) {
    it(what, async (t) => {
      const module = moduleOf(t, lines, "");
      const folder = path.dirname(module.file);
      symlinkSync(path.resolve("node_modules"), `${folder}/node_modules`);
      const { message } = await failureOf(module);
      assert.match(message, expected);
    });
  }
});

// An offer lasts as long as the process: nothing is refused from here on.
describe("a script that calls app.run()", () => {
  it("serves that app, without an export", async (t) => {
    const lines = 'offerApp(new App().get("/offered", answer));';
    const { load } = moduleOf(t, lines);
    assert.deepEqual(await patternsOf(load()), ["/offered"]);
  });

  it("serves what it exports by default rather than that", async (t) => {
    const lines = `
      offerApp(new App().get("/offered", answer));
      export default new App().get("/exported", answer);
    `;
    const { load } = moduleOf(t, lines);
    assert.deepEqual(await patternsOf(load()), ["/exported"]);
  });
});
