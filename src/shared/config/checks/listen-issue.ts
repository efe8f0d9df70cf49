import type { z } from "zod";
import { nearestName } from "../nearest-name.ts";
import { settingList } from "../setting-list.ts";
import { settingsSchema } from "../settings.ts";
import type { GivenSetting } from "../sources/given-settings.ts";
import { valueAt } from "../value-at.ts";
import type { SettingProblem } from "./setting-problem.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Completes "must be …" for values that exist in the list only. */
const VALID: Readonly<Record<string, string>> = {
  "": "an object with port or socketPath",
  tls: "an object with certFile and keyFile, or false",
};

const entryShape = settingsSchema.shape.listen.unwrap().element.shape;
const NAMES = [
  ...Object.keys(entryShape),
  ...Object.keys(settingsSchema.shape.tls.unwrap().shape).map(
    (key) => `tls.${key}`,
  ),
];

/**
 * The problem that an issue of the schema means, named by its entry in the list
 * of listeners: `listen[1].port`.
 */
export function listenIssue(
  issue: Issue,
  listen: GivenSetting,
): SettingProblem[] {
  const ofObject = issuesOfObject(issue);
  if (ofObject) return ofObject.flatMap((each) => listenIssue(each, listen));
  const { origin } = listen;
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownName([...path, key], origin));
  }
  const name = inEntry(path);
  const value = valueAt({ listen: listen.value }, path.join("."));
  const valid = VALID[name] ?? validOutside(name) ?? issue.message;
  const type = "invalidValue";
  return [{ type, path: written(path), value, origin, valid }];
}

/** The issues of the object in a union of `false` and an object. */
function issuesOfObject(issue: Issue): Issue[] | undefined {
  if (issue.code !== "invalid_union") return undefined;
  const inner = issue.errors.at(-1)?.filter(({ path, code }) => {
    return path.length > 0 || code === "unrecognized_keys";
  });
  if (!inner?.length) return undefined;
  return inner.map((each) => {
    return { ...each, path: [...issue.path, ...each.path] } as Issue;
  });
}

function unknownName(path: Path, origin: string): SettingProblem {
  const nearest = nearestName(inEntry(path), NAMES);
  return {
    type: "unknownName",
    name: written(path),
    origin,
    nearest: nearest && `${written(path.slice(0, 2))}.${nearest}`,
  };
}

/** The rule of the same setting outside the list. */
function validOutside(name: string): string | undefined {
  const outside = name === "mode" ? "socketMode" : name;
  return settingList.find(({ path }) => path === outside)?.valid;
}

/** `tls.certFile`; "" is the entry itself. Indexes of lists are left out. */
function inEntry(path: Path): string {
  const keys = path.slice(2).filter((key) => typeof key !== "number");
  return keys.join(".");
}

/** `listen[1].tls.certFile` */
function written([list, index, ...keys]: Path): string {
  return [`${String(list)}[${String(index)}]`, ...keys.map(String)].join(".");
}
