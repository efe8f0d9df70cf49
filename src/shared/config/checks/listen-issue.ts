import type { z } from "zod";
import { nearestName } from "../nearest-name.ts";
import { settingList } from "../setting-list.ts";
import { settingsSchema } from "../settings.ts";
import type { GivenSetting } from "../sources/given-settings.ts";
import { valueAt } from "../value-at.ts";
import type { SettingProblem } from "./setting-problem.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Completes "must be …" for what no setting outside the list is like. */
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
 * What the schema refuses in the list of listeners, said of the entry that it
 * is in: `listen[1].port`.
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

/** Of "false, or an object": what is wrong with the object, if it is one. */
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

/** What is valid is so for the setting outside the list too. */
function validOutside(name: string): string | undefined {
  const outside = name === "mode" ? "socketMode" : name;
  return settingList.find(({ path }) => path === outside)?.valid;
}

/** `tls.certFile`; "" is the entry itself. What is in a list is the list's. */
function inEntry(path: Path): string {
  const keys = path.slice(2).filter((key) => typeof key !== "number");
  return keys.join(".");
}

/** `listen[1].tls.certFile` */
function written([list, index, ...keys]: Path): string {
  return [`${String(list)}[${String(index)}]`, ...keys.map(String)].join(".");
}
