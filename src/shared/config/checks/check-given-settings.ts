import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { settingList } from "../setting-list.ts";
import { type Settings, settingsSchema } from "../settings.ts";
import type { GivenByPath, GivenSetting } from "../sources/given-settings.ts";
import { readAdminToken } from "./admin-token.ts";
import { checkListeners } from "./check-listeners.ts";
import { listenIssue } from "./listen-issue.ts";
import { logFileProblem } from "./log-file-problem.ts";
import type { SettingProblem } from "./setting-problem.ts";

interface Checked {
  /** Undefined if the schema refuses a value. */
  readonly settings: Settings | undefined;
  readonly problems: readonly SettingProblem[];
}

/** Adds the defaults to the given settings, and finds all their problems. */
export function checkGivenSettings(given: GivenByPath): Checked {
  const result = settingsSchema.safeParse(nested(given));
  const problems = [
    ...(result.error?.issues ?? []).flatMap((issue) => refused(issue, given)),
    ...rivalsOfSocketPath(given, ""),
    ...rivalsOfSocketPath(given, "admin."),
    ...rivalsOfListen(given),
    ...unusableApp(given.get("app")),
    ...unusableImports(given.get("import")),
    ...unusableLogFile(given.get("logFile")),
    ...(result.data ? checkListeners(result.data, given) : []),
    ...unusableTokenFile(given.get("admin.tokenFile")),
  ];
  return { settings: result.data, problems };
}

function nested(given: GivenByPath): object {
  const root = {};
  for (const { path: name, value } of given.values()) {
    const keys = name.split(".");
    let target: object = root;
    for (const key of keys.slice(0, -1)) {
      const inner: object = Reflect.get(target, key) ?? {};
      Reflect.set(target, key, inner);
      target = inner;
    }
    Reflect.set(target, keys.at(-1) ?? "", value);
  }
  return root;
}

type Issue = NonNullable<
  ReturnType<typeof settingsSchema.safeParse>["error"]
>["issues"][number];

function refused(issue: Issue, given: GivenByPath): SettingProblem[] {
  const listen = given.get("listen");
  const isOfListener = issue.path[0] === "listen" && issue.path.length > 1;
  if (listen && isOfListener) return listenIssue(issue, listen);
  // A problem inside a list or a range is reported for the whole setting.
  const keys = issue.path.filter((key) => typeof key !== "number");
  const names = keys.map((_, at) => keys.slice(0, at + 1).join("."));
  const setting = settingList.find((each) => names.includes(each.path));
  const name = setting?.path ?? names.at(-1) ?? "";
  // Rules that compare settings put the valid values into their issue.
  const ofRule = issue.code === "custom" ? issue.params?.valid : undefined;
  const valid = ofRule ?? setting?.valid;
  const { value, origin } = given.get(name) ?? {
    value: setting?.defaultValue,
    origin: "default",
  };
  return [
    {
      type: "invalidValue",
      path: name,
      value,
      origin,
      valid: valid ?? issue.message,
      ...(setting?.isSecretUrl && { isSecret: true }),
    },
  ];
}

/** It is unknown which of the two was meant, so neither is ignored. */
function rivalsOfSocketPath(
  given: GivenByPath,
  group: "" | "admin.",
): SettingProblem[] {
  const name = `${group}socketPath`;
  const socketPath = given.get(name);
  if (socketPath === undefined) return [];
  const valid = `left out when ${name} is given (from ${socketPath.origin})`;
  return ["host", "port"]
    .flatMap((rival) => given.get(group + rival) ?? [])
    .map((rival) => ({ type: "invalidValue", ...rival, valid }));
}

/** A listener outside the list would be easy to overlook. */
function rivalsOfListen(given: GivenByPath): SettingProblem[] {
  const listen = given.get("listen");
  if (!Array.isArray(listen?.value) || listen.value.length === 0) return [];
  const valid = `left out, or in the list, when listen is given (from ${listen.origin})`;
  return ["host", "port", "socketPath"]
    .flatMap((name) => given.get(name) ?? [])
    .map((rival) => ({ type: "invalidValue", ...rival, valid }));
}

function unusableApp(app: GivenSetting | undefined): SettingProblem[] {
  if (typeof app?.value !== "string" || app.value === "") return [];
  const stats = statSync(app.value, { throwIfNoEntry: false });
  if (stats?.isFile()) return [];
  const reason = stats === undefined ? "does not exist" : "is not a file";
  return [{ type: "unusableApp", file: app.value, origin: app.origin, reason }];
}

/** Only a worker can tell whether a package is there. */
function unusableImports(given: GivenSetting | undefined): SettingProblem[] {
  if (!Array.isArray(given?.value)) return [];
  const { path, value, origin } = given;
  return value.flatMap((file: unknown): SettingProblem[] => {
    if (typeof file !== "string" || !isAbsolute(file)) return [];
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile()) return [];
    const reason = stats === undefined ? "does not exist" : "is not a file";
    return [{ type: "unusableFile", path, file, origin, reason }];
  });
}

function unusableLogFile(logFile: GivenSetting | undefined): SettingProblem[] {
  if (typeof logFile?.value !== "string" || logFile.value === "") return [];
  const { path, value: file, origin } = logFile;
  const reason = logFileProblem(file);
  return reason ? [{ type: "unusableFile", path, file, origin, reason }] : [];
}

function unusableTokenFile(tokenFile: GivenSetting | undefined) {
  if (typeof tokenFile?.value !== "string" || !tokenFile.value) return [];
  const { path, value: file, origin } = tokenFile;
  try {
    readAdminToken(file);
    return [];
  } catch (error) {
    const reason = (error as Error).message;
    return [{ type: "unusableFile" as const, path, file, origin, reason }];
  }
}
