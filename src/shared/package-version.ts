import { readFileSync } from "node:fs";
import { OWN_FOLDER } from "./own-folder.ts";

/** Read at startup, because an upgrade may replace or remove the files. */
const VERSION = readVersion();

/** Returns the running version of Remuda. */
export function packageVersion(): string {
  return VERSION;
}

function readVersion(): string {
  const file = new URL(`${OWN_FOLDER}/../package.json`);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
