import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import {
  isOfModuleParser,
  shownLineIn,
} from "../../../src/shared/node-internals/module-syntax-error.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";

/** A process of its own: a loader of the tests would parse the module. */
function outputOf(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

function brokenModule(extension: string): string {
  const file = path.join(temporaryFolder(), `broken.${extension}`);
  writeFileSync(file, "const one = 1;\nconst two == 2;\n");
  return file;
}

describe("a syntax error of a module", { timeout: 30_000 }, () => {
  after(removeTemporaryFolders);

  it("has frames of Node's loader, and no place", async () => {
    const url = pathToFileURL(brokenModule("mjs")).href;
    const program = `import("${url}").catch((e) => console.log(e.stack))`;
    const stack = await outputOf("--input-type=module", "--eval", program);
    assert.match(stack, /^SyntaxError/);
    assert.ok(isOfModuleParser(stack), stack);
  });

  for (const extension of ["mjs", "cjs"]) {
    it(`is shown with its line where it ends a process: ${extension}`, async () => {
      const file = brokenModule(extension);
      const shown = shownLineIn(await outputOf(file));
      assert.deepEqual(shown, {
        place: `${file}:2`,
        line: "const two == 2;",
        marks: "      ^^^",
      });
    });
  }

  it("is told from an error that a module throws", async () => {
    const program =
      'try { JSON.parse("{") } catch (e) { console.log(e.stack) }';
    const stack = await outputOf("--input-type=module", "--eval", program);
    assert.match(stack, /^SyntaxError/);
    assert.equal(isOfModuleParser(stack), false);
    assert.equal(shownLineIn(stack), undefined);
  });
});
