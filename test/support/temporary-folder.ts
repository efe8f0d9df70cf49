import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folders = new Set<string>();

/** A new one; `removeTemporaryFolders` ends it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "remuda-test-"));
  folders.add(folder);
  return folder;
}

/** For an `after` hook, once nobody uses them any more. */
export function removeTemporaryFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true });
  folders.clear();
}
