import assert from "node:assert/strict";
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

  it("where it is not JavaScript", async (t) => {
    const { message } = await failureOf(moduleOf(t, "const = 1;"));
    assert.match(message, /failed to load: /);
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
    assert.match(message, /must export an App by default/);
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
    assert.match(message, /must export an App by default \(or a function/);
  });
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
