import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** A folder with these files in it, gone when the test is over. */
export function configFolder(
  test: TestContext,
  files: Readonly<Record<string, string>> = {},
): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "remuda-")));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}
