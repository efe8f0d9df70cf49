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
 * @throws SettingsError when it has more: which of them counts is a guess
 */
export function findConfigFile(folder: string): string | undefined {
  const files = configFileNames
    .map((name) => path.join(folder, name))
    .filter(isThere);
  if (files.length < 2) return files[0];
  const names = files.map((file) => `"${file}"`).join(" and ");
  const reason = `more than one config file: ${names}; keep one, or name it with --config`;
  throw new SettingsError([{ type: "configFile", reason }]);
}

/** Whether it exists; one that we may not look at is said when it is read. */
export function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOTDIR";
  }
}
