import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";

/** Default modification time of the files. */
export const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

/**
 * Creates a folder with these files; it is removed after the caller's tests.
 *
 * @param files content by path: `{ "css/main.css": "…" }`
 */
export function siteFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  const made = mkdtempSync(path.join(os.tmpdir(), "remuda-site-"));
  after(() => rmSync(made, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(made, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, new Date(MODIFIED), new Date(MODIFIED));
  }
  return realpathSync(made);
}
