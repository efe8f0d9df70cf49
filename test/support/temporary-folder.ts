import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folders = new Set<string>();

/** Creates a folder; `removeTemporaryFolders` removes it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "remuda-test-"));
  folders.add(folder);
  return folder;
}

/** For an `after` hook, when the folders are no longer used. */
export function removeTemporaryFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true });
  folders.clear();
}
