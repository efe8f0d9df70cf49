import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { appFile } from "../../../src/shared/config/sources/app-file.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";

after(removeTemporaryFolders);

/** What the path stands for, of a folder with these files. */
function found(files: Record<string, string>, given: string): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const file = appFile(path.join(folder, given));
  return path.relative(folder, file);
}

describe("the app module", () => {
  it("is a file as it is named, with or without its extension", () => {
    assert.equal(found({ app: "", "app.js": "" }, "app"), "app");
    assert.equal(found({ "dist/main.js": "" }, "dist/main"), "dist/main.js");
    assert.equal(found({ "server.mjs": "" }, "server"), "server.mjs");
    assert.equal(found({ "server.ts": "" }, "server"), "server.ts");
  });

  it("of a folder is what its package.json names, or its index", () => {
    const main = (text: string) => JSON.stringify({ main: text });
    const files = { "package.json": main("lib/a.js"), "lib/a.js": "" };
    assert.equal(found(files, "."), "lib/a.js");
    const short = { "package.json": main("./lib/a"), "lib/a.cjs": "" };
    assert.equal(found(short, "."), "lib/a.cjs");
    assert.equal(found({ "index.js": "" }, "."), "index.js");
    const gone = { "package.json": main("none.js"), "index.mjs": "" };
    assert.equal(found(gone, "."), "index.mjs");
    assert.equal(
      found({ "package.json": "{", "index.js": "" }, "."),
      "index.js",
    );
  });

  it("that is not there stays as it was named", () => {
    assert.equal(found({}, "app.js"), "app.js");
    assert.equal(found({ "app/readme": "" }, "app"), "app");
  });
});
