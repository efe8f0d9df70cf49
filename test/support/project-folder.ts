import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");

/** Other packages that the examples in the documentation use. */
const OTHER_PACKAGES = ["express", "jose", "ws"];

/** Creates the folder of a project that depends on the built package. */
export function projectFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-project-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, "node_modules"));
  symlinkSync(root, path.join(folder, "node_modules/remuda"));
  for (const name of OTHER_PACKAGES) {
    const installed = path.join(root, "node_modules", name);
    symlinkSync(installed, path.join(folder, "node_modules", name));
  }
  return folder;
}
