import { statSync } from "node:fs";
import path from "node:path";
import { SettingsError } from "../checks/settings-error.ts";

export const configFileNames = [
  "remuda.config.js",
  "remuda.config.mjs",
  "remuda.config.cjs",
  "remuda.config.ts",
  "remuda.config.mts",
  "remuda.config.cts",
  "remuda.config.json",
];

/**
 * The config file of a folder, if it has one.
 * @throws SettingsError if there are several: the right one is a guess
 */
export function findConfigFile(folder: string): string | undefined {
  const files = configFileNames
    .map((name) => path.join(folder, name))
    .filter(fileExists);
  if (files.length < 2) return files[0];
  const names = files.map((file) => `"${file}"`).join(" and ");
  const reason = `more than one config file: ${names}; keep one, or name it with --config`;
  throw new SettingsError([{ type: "configFile", reason }]);
}

/** True without permission too: reading the file then has the error. */
export function fileExists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOTDIR";
  }
}
