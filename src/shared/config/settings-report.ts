import type { LoadedSettings } from "./load-settings.ts";
import { type Setting, settingList } from "./setting-list.ts";
import { valueAt } from "./value-at.ts";
import { withoutPassword } from "./without-password.ts";

/** One line for each setting: name, value, and where the value is from. */
export function settingsReport({ settings, origins }: LoadedSettings): string {
  const rows = settingList.map((setting) => [
    setting.path,
    shown(setting, valueAt(settings, setting.path)),
    origins.get(setting.path) ?? "",
  ]);
  const table = [["SETTING", "VALUE", "FROM"], ...rows];
  const [names, values] = [0, 1].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map(([name = "", value = "", origin = ""]) =>
    [name.padEnd(names ?? 0), value.padEnd(values ?? 0), origin].join("  "),
  );
  return `${lines.join("\n")}\n`;
}

function shown({ isSecretUrl }: Setting, value: unknown): string {
  const isSecret = isSecretUrl && typeof value === "string";
  return JSON.stringify(isSecret ? withoutPassword(value) : value) ?? "-";
}
