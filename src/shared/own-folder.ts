/**
 * The URL of the folder with this package's code: `src/` or `dist/`. In `dist/`
 * several modules share a file, so paths must not be relative to a module.
 */
export const OWN_FOLDER: string =
  /^.*\/(?:src|dist)(?=\/)/.exec(import.meta.url)?.[0] ?? "";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** @param name file that is built separately, for example "worker-main" */
export function ownFile(name: string): URL {
  return new URL(`${OWN_FOLDER}/${name}.${EXTENSION}`);
}
