/**
 * Describes a value that an app has thrown, for messages and for the log. The
 * value may be anything: a frozen Error, a Proxy or a getter that throws, or
 * 20 MB of text. Nothing here throws, the size of every result is bounded, and
 * none has credentials of a URL in it.
 */
import { inspect } from "node:util";
import { hideSecrets, withoutCredentials } from "./logging/secrets.ts";

const MAX_MESSAGE_CHARS = 4_096;
const MAX_STACK_CHARS = 16_384;
const MAX_FIELD_CHARS = 1_024;
const MAX_FIELDS = 32;
const MAX_CAUSES = 5;
const MAX_ERRORS = 10;

const INSPECT_OPTIONS = {
  depth: 2,
  customInspect: false,
  maxArrayLength: 20,
  maxStringLength: MAX_FIELD_CHARS,
  breakLength: Number.POSITIVE_INFINITY,
} as const;

/** The form of a thrown value in the log. */
export interface ThrownRecord {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly [field: string]: unknown;
}

/** Like `instanceof`, but does not throw if a Proxy does. */
export function isInstance<T>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** Returns the text, or its beginning and its length if it is too long. */
export function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars)}… (${text.length} characters)`;
}

/** The message of the thrown value itself, without its causes. */
export function messageOf(
  thrown: unknown,
  maxChars = MAX_MESSAGE_CHARS,
): string {
  const message = ownMessage(thrown) ?? textOf(thrown);
  return withoutCredentials(shortened(message, maxChars));
}

export function stackOf(thrown: unknown): string | undefined {
  const stack = read(thrown, "stack");
  if (typeof stack !== "string") return undefined;
  return withoutCredentials(shortened(stack, MAX_STACK_CHARS));
}

/** Returns "TypeError", "AbortError", or the result of `typeof`. */
export function nameOf(thrown: unknown): string {
  if (thrown === null) return "null";
  if (typeof thrown !== "object") return typeof thrown;
  const name = read(thrown, "name") ?? read(constructorOf(thrown), "name");
  return typeof name === "string" ? shortened(name, 100) : "object";
}

/** Makes an undefined value visible as `err` of a log line. */
export function loggable(thrown: unknown): unknown {
  return thrown === undefined ? describeThrown(thrown) : thrown;
}

/** Adds the causes to `message` and `stack`, and includes own fields. */
export function describeThrown(
  thrown: unknown,
  isNested = false,
): ThrownRecord {
  const type = typeOf(thrown);
  if (ownMessage(thrown) === undefined) {
    return { type, message: messageOf(thrown) };
  }
  const chain = withCauses(thrown);
  const stacks = chain.map(stackOf).filter((stack) => stack !== undefined);
  return {
    ...fieldsOf(thrown, isNested),
    type,
    message: shortened(
      chain.map((one) => messageOf(one)).join(": "),
      MAX_MESSAGE_CHARS,
    ),
    ...(stacks.length > 0 && {
      stack: shortened(stacks.join("\ncaused by: "), MAX_STACK_CHARS),
    }),
    ...errorsIn(thrown, isNested),
  };
}

function typeOf(thrown: unknown): string {
  const name = read(constructorOf(thrown), "name");
  if (typeof name !== "string" || name === "") return nameOf(thrown);
  return typeof thrown === "object" ? shortened(name, 100) : nameOf(thrown);
}

function constructorOf(value: unknown): unknown {
  return read(value, "constructor");
}

function ownMessage(thrown: unknown): string | undefined {
  const message = read(thrown, "message");
  return typeof message === "string" ? message : undefined;
}

function withCauses(thrown: unknown): unknown[] {
  const chain: unknown[] = [thrown];
  while (chain.length < MAX_CAUSES) {
    const cause = read(chain.at(-1), "cause");
    if (ownMessage(cause) === undefined || chain.includes(cause)) break;
    chain.push(cause);
  }
  return chain;
}

function errorsIn(thrown: unknown, isNested: boolean): object {
  const errors = read(thrown, "errors");
  if (isNested || !isArray(errors)) return {};
  const some = attempt(() => errors.slice(0, MAX_ERRORS)) ?? [];
  const described = some.map((each) => describeThrown(each, true));
  return { aggregateErrors: described };
}

function fieldsOf(thrown: unknown, isNested: boolean): Record<string, unknown> {
  const names = attempt(() => Object.keys(thrown as object)) ?? [];
  const fields: Record<string, unknown> = {};
  for (const name of names.slice(0, MAX_FIELDS)) {
    if (name === "cause" || name === "errors") continue;
    const hidden = hideSecrets(name, read(thrown, name));
    const value = fieldValue(hidden, isNested);
    if (value !== undefined) fields[shortened(name, 100)] = value;
  }
  return fields;
}

/** Copies to plain data, because a later read may differ or throw. */
function fieldValue(value: unknown, isNested: boolean): unknown {
  if (typeof value === "string") return shortened(value, MAX_FIELD_CHARS);
  if (typeof value === "function") return undefined;
  if (typeof value !== "object") {
    return typeof value === "symbol" ? textOf(value) : jsonOf(value);
  }
  if (ownMessage(value) === undefined) return jsonOf(value) ?? textOf(value);
  return isNested ? messageOf(value) : describeThrown(value, true);
}

/** Copies the value by JSON; undefined if the JSON is too long. */
function jsonOf(value: unknown): unknown {
  return attempt(() => {
    if (typeof value === "bigint") return String(value);
    const json = JSON.stringify(value, hideSecrets);
    return json.length <= MAX_FIELD_CHARS ? JSON.parse(json) : undefined;
  });
}

/** Calls no method of the value. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const text = attempt(() => inspect(value, INSPECT_OPTIONS));
  return shortened(
    text ?? `a value of type ${typeof value}`,
    MAX_MESSAGE_CHARS,
  );
}

function isArray(value: unknown): value is unknown[] {
  return attempt(() => Array.isArray(value)) ?? false;
}

function read(value: unknown, name: string): unknown {
  return attempt(() => (value as Record<string, unknown>)[name]);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
