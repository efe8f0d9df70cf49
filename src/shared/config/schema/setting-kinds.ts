/** The kinds of settings in the schema, each with its documentation. */
import * as z from "zod";
import { MAX_TIMER_MS } from "../../max-timer-ms.ts";

/** Texts for the help of a setting and for error messages. */
export interface SettingDoc {
  /** One line for `--help` and the settings table. */
  readonly help: string;
  /** Completes "must be …" when a value is refused. */
  readonly valid: string;
  /** A file's path: a relative one starts where the setting was given. */
  readonly isPath?: true;
  /** Modules: those that begin with "." are relative paths, as of `isPath`. */
  readonly areModules?: true;
  /** No text can express it, so it has no flag and no variable. */
  readonly isFileOnly?: true;
  /** A URL that may hold a password, which is not shown. */
  readonly isSecretUrl?: true;
}

/** The largest id, 2^32 - 1, means "no change" to the system. */
export const MAX_ID = 2 ** 32 - 2;
export const MIB = 1024 * 1024;

export function documented<Schema extends z.ZodType>(
  schema: Schema,
  help: string,
  valid: string,
): Schema {
  return schema.meta({ help, valid } satisfies SettingDoc);
}

export function path(help: string) {
  const valid = "a path";
  const doc = { help, valid, isPath: true } satisfies SettingDoc;
  return z.string().min(1).optional().meta(doc);
}

export function modules(help: string) {
  const valid = "a list of modules: paths that begin with ./, or packages";
  const doc = { help, valid, areModules: true } satisfies SettingDoc;
  return z.array(z.string().min(1)).default([]).meta(doc);
}

export function integer(
  fallback: number,
  help: string,
  min = 1,
  max = 2 ** 53 - 1,
) {
  const schema = z.int().min(min).max(max).default(fallback);
  const upTo = max === 2 ** 53 - 1 ? "or more" : `to ${max}`;
  return documented(schema, help, `an integer, ${min} ${upTo}`);
}

export function durationMs(fallback: number, help: string, min = 1) {
  const schema = z.int().min(min).max(MAX_TIMER_MS).default(fallback);
  const valid = `a whole number of milliseconds, ${min} to ${MAX_TIMER_MS}`;
  return documented(schema, help, valid);
}

export function ratio(fallback: number, help: string) {
  const schema = z.number().gt(0).lt(1).default(fallback);
  return documented(schema, help, "a number over 0 and under 1");
}

export function choice<const Options extends readonly [string, ...string[]]>(
  options: Options,
  fallback: Options[number],
  help: string,
) {
  const schema = z.enum(options).default(fallback as never);
  return documented(schema, help, `one of ${options.join(", ")}`);
}

export function paths(fallback: readonly string[], help: string) {
  const schema = z
    .array(z.string())
    .refine((list) => list.every((path) => /^\/[^?#\s,]*$/.test(path)))
    .default([...fallback]);
  return documented(schema, help, "paths, each from / on, without a query");
}

export function flag(help: string, fallback = false) {
  return documented(z.boolean().default(fallback), help, "true or false");
}

/** The mode of a Unix socket's file. */
export function fileMode(help: string) {
  const schema = z
    .string()
    .regex(/^0?[0-7]{3}$/)
    .optional();
  return documented(schema, help, 'an octal number as a text, as "0660"');
}

export const host = (help: string) =>
  documented(
    z.string().min(1).default("127.0.0.1"),
    help,
    "an IP address or a host name",
  );
