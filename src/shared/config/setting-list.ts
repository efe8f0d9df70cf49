/** A flat list of the settings in the schema, with their names. */
import * as z from "zod";
import type { SettingDoc } from "./schema/setting-kinds.ts";
import { settingSections, settingsSchema } from "./settings.ts";
import { valueAt } from "./value-at.ts";

export type SettingKind =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "choice"
  | "list";

export interface Setting extends SettingDoc {
  /** Path in the settings and in a config file: `drain.lingerMs`. */
  readonly path: string;
  /** `REMUDA_DRAIN_LINGER_MS` */
  readonly envName: string;
  /** `drain-linger-ms`, without the leading dashes. */
  readonly flagName: string;
  /** Title of its section in the help. */
  readonly section: string;
  readonly kind: SettingKind;
  readonly defaultValue: unknown;
  /** "" is a value, and does not mean that none was given. */
  readonly canBeEmpty: boolean;
}

const defaults = settingsSchema.parse({});

export const settingList: readonly Setting[] = Object.entries(
  settingSections,
).flatMap(([section, shape]) => leaves(section, shape, ""));

/** The settings that have a flag and a variable. */
export const textSettings = settingList.filter(({ isFileOnly }) => !isFileOnly);

function leaves(section: string, shape: object, prefix: string): Setting[] {
  return Object.entries(shape).flatMap(([key, schema]: [string, unknown]) => {
    const path = prefix + key;
    const inner = unwrapped(schema);
    return inner instanceof z.ZodObject
      ? leaves(section, inner.shape, `${path}.`)
      : [setting(section, path, schema)];
  });
}

function setting(section: string, path: string, schema: unknown): Setting {
  const doc = schema instanceof z.ZodType ? schema.meta() : undefined;
  if (!(schema instanceof z.ZodType) || !isSettingDoc(doc)) {
    throw new Error(`the setting ${path} has no help`);
  }
  const words = path.split(/\.|(?=[A-Z])/);
  const kind = kindOf(unwrapped(schema));
  return {
    ...doc,
    path,
    envName: `REMUDA_${words.join("_").toUpperCase()}`,
    flagName: words.join("-").toLowerCase(),
    section,
    kind,
    defaultValue: valueAt(defaults, path),
    // A first parse compiles the schema: for all of them it delays a start.
    canBeEmpty: kind === "string" && schema.safeParse("").success,
  };
}

function isSettingDoc(meta: unknown): meta is SettingDoc {
  const { help, valid } = (meta ?? {}) as Partial<SettingDoc>;
  return typeof help === "string" && typeof valid === "string";
}

function unwrapped(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional;
  return isWrapper ? unwrapped(schema.unwrap()) : schema;
}

function kindOf(schema: unknown): SettingKind {
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodEnum) return "choice";
  if (schema instanceof z.ZodArray) return "list";
  if (schema instanceof z.ZodNumberFormat) return "integer";
  if (schema instanceof z.ZodNumber) return "number";
  const isPartlyNumber =
    schema instanceof z.ZodUnion &&
    schema.options.some((option) => option instanceof z.ZodNumberFormat);
  return isPartlyNumber ? "integer" : "string";
}
