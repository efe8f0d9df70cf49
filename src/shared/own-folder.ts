/**
 * The URL of the folder with this package's code: `src/`, or `dist/`, where a
 * file holds what several of `src/` do. So nothing is found by a path from a
 * module to another.
 */
export const OWN_FOLDER: string =
  /^.*\/(?:src|dist)(?=\/)/.exec(import.meta.url)?.[0] ?? "";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** @param name of a file that is built on its own, "worker-main" */
export function ownFile(name: string): URL {
  return new URL(`${OWN_FOLDER}/${name}.${EXTENSION}`);
}
