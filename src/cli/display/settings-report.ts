import { withoutPassword } from "../../shared/config/checks/without-password.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import { type Setting, settingList } from "../../shared/config/setting-list.ts";
import { valueAt } from "../../shared/config/value-at.ts";
import { textTable } from "./text-table.ts";

const COLUMNS = [{ title: "SETTING" }, { title: "VALUE" }, { title: "FROM" }];

/**
 * A table of the settings with their values and origins. A list of objects has
 * a row for each setting in its objects.
 */
export function settingsReport({ settings, origins }: LoadedSettings): string {
  const rows = settingList.flatMap((setting) => {
    const value = valueAt(settings, setting.path);
    const origin = origins.get(setting.path) ?? "";
    const inObjects = Array.isArray(value) ? leaves(setting.path, value) : [];
    return inObjects.length > 0
      ? inObjects.map(([name, text]) => [name, text, origin])
      : [[setting.path, shown(setting, value), origin]];
  });
  const lines = textTable(COLUMNS, rows);
  return `${lines.join("\n")}\n`;
}

/** Names and values in a list of objects: `listen[0].port`. */
function leaves(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const objects = value.filter((each) => typeof each === "object");
    return objects.flatMap((each, index) => leaves(`${name}[${index}]`, each));
  }
  if (typeof value !== "object" || value === null) {
    return value === undefined ? [] : [[name, JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    return leaves(`${name}.${key}`, inner);
  });
}

function shown({ isSecretUrl }: Setting, value: unknown): string {
  const isSecret = isSecretUrl && typeof value === "string";
  return JSON.stringify(isSecret ? withoutPassword(value) : value) ?? "-";
}
