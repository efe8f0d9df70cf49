import path from "node:path";
import type { SettingProblem } from "../checks/setting-problem.ts";
import { locateModule } from "../locate-module.ts";
import { nearestName } from "../nearest-name.ts";
import { settingList } from "../setting-list.ts";
import type { GivenSetting, GivenSettings } from "./given-settings.ts";

const settings = new Map(settingList.map((each) => [each.path, each]));
const paths = [...settings.keys()];
const groups = new Set(
  paths.flatMap((each) => each.split(".").slice(0, -1).join(".") || []),
);

/** The settings in the content of a config file; `undefined` is not set. */
export function fileSettings(
  content: object,
  file: string,
  prefix = "",
): GivenSettings {
  const given: GivenSetting[] = [];
  const problems: SettingProblem[] = [];
  for (const [key, value] of Object.entries(content)) {
    const name = prefix + key;
    const isKnown = settings.has(name) || groups.has(name);
    if (isKnown && value === undefined) continue;
    if (settings.has(name)) {
      given.push({
        path: name,
        value: located(name, value, file),
        origin: file,
      });
    } else if (groups.has(name) && isObject(value)) {
      const inner = fileSettings(value, file, `${name}.`);
      given.push(...inner.given);
      problems.push(...inner.problems);
    } else {
      problems.push(misplaced(name, value, file));
    }
  }
  return { given, problems };
}

function located(name: string, value: unknown, file: string): unknown {
  if (name === "listen" && Array.isArray(value)) {
    return value.map((entry) => locatedIn(entry, file));
  }
  const { isPath, areModules } = settings.get(name) ?? {};
  const folder = path.dirname(file);
  if (areModules && Array.isArray(value)) {
    return value.map((item) => locateModule(item, folder));
  }
  if (!isPath || typeof value !== "string" || value === "") return value;
  return path.resolve(folder, value);
}

/** Resolves the paths in an object, such as `tls.certFile` of a listener. */
function locatedIn(content: unknown, file: string, prefix = ""): unknown {
  if (!isObject(content)) return content;
  const entries = Object.entries(content).map(([key, value]) => {
    const name = prefix + key;
    return groups.has(name)
      ? [key, locatedIn(value, file, `${name}.`)]
      : [key, located(name, value, file)];
  });
  return Object.fromEntries(entries);
}

function misplaced(
  name: string,
  value: unknown,
  origin: string,
): SettingProblem {
  if (groups.has(name)) {
    const inside = paths.filter((each) => each.startsWith(`${name}.`));
    const keys = inside.map((each) => each.slice(name.length + 1));
    const valid = `an object with ${keys.join(", ")}`;
    return { type: "invalidValue", path: name, value, origin, valid };
  }
  const nearest =
    nearestName(name, [...paths, ...groups]) ??
    paths.find((each) => each.endsWith(`.${name}`));
  return { type: "unknownName", name, origin, nearest };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
