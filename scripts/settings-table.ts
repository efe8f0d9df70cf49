// Prints the settings as a Markdown table, made from the schema.
//
//   node --import tsx scripts/settings-table.ts [--write]
//
// With --write it replaces the table in docs/operations.md.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Setting,
  settingList,
} from "../src/shared/config/setting-list.ts";
import { markdownTable } from "./markdown-table.ts";

const BLOCK = /(?<=<!-- settings -->\n).*?(?=<!-- \/settings -->)/s;
const HEAD = ["Setting", "Default", "Flag", "Variable", "Meaning", "Valid"];

export const operationsPage = new URL("../docs/operations.md", import.meta.url);

export function settingsTable(): string {
  return markdownTable(HEAD, settingList.map(cells));
}

/** The page with the table of now between its two markers. */
export function withSettingsTable(page: string): string {
  if (!BLOCK.test(page)) throw new Error("the page lacks the markers");
  return page.replace(BLOCK, () => `\n${settingsTable()}\n`);
}

function cells(setting: Setting): string[] {
  const { path, defaultValue, flagName, envName, help, valid } = setting;
  const fallback = JSON.stringify(defaultValue);
  const names = setting.isFileOnly
    ? ["–", "–"]
    : [`\`--${flagName}\``, `\`${envName}\``];
  return [
    `\`${path}\``,
    fallback === undefined ? "–" : `\`${fallback}\``,
    ...names,
    help,
    valid,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--write")) {
    const page = readFileSync(operationsPage, "utf8");
    writeFileSync(operationsPage, withSettingsTable(page));
  } else {
    process.stdout.write(settingsTable());
  }
}
