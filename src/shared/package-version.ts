import { readFileSync } from "node:fs";
import { OWN_FOLDER } from "./own-folder.ts";

/** Read at the start: the files may be another version's later, or be gone. */
const VERSION = readVersion();

/** The version of Remuda that runs. */
export function packageVersion(): string {
  return VERSION;
}

function readVersion(): string {
  const file = new URL(`${OWN_FOLDER}/../package.json`);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
