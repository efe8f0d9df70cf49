import { readFileSync } from "node:fs";
import { OWN_FOLDER } from "../own-folder.ts";

/** The version of Remuda that is on disk now. */
export function packageVersion(): string {
  const file = new URL(`${OWN_FOLDER}/../package.json`);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
