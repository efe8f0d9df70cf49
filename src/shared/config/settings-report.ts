import type { LoadedSettings } from "./load-settings.ts";
import { type Setting, settingList } from "./setting-list.ts";
import { valueAt } from "./value-at.ts";
import { withoutPassword } from "./without-password.ts";

/**
 * One line for each setting: name, value, and where the value is from. Of a
 * list of objects, one for each setting in them.
 */
export function settingsReport({ settings, origins }: LoadedSettings): string {
  const rows = settingList.flatMap((setting) => {
    const value = valueAt(settings, setting.path);
    const origin = origins.get(setting.path) ?? "";
    const ofObjects = Array.isArray(value) ? leaves(setting.path, value) : [];
    return ofObjects.length > 0
      ? ofObjects.map(([name, text]) => [name, text, origin])
      : [[setting.path, shown(setting, value), origin]];
  });
  const table = [["SETTING", "VALUE", "FROM"], ...rows];
  const [names, values] = [0, 1].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map(([name = "", value = "", origin = ""]) =>
    [name.padEnd(names ?? 0), value.padEnd(values ?? 0), origin].join("  "),
  );
  return `${lines.join("\n")}\n`;
}

/** Of a list of objects: `listen[0].port`, and what is there. */
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
