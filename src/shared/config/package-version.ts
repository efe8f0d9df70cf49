import { readFileSync } from "node:fs";

/** The version of Remuda that is on disk now. */
export function packageVersion(): string {
  // As far from dist/shared/config as from src/shared/config.
  const file = new URL("../../../package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
