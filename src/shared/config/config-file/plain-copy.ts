/**
 * Copies the export of a config file, which must be plain data: what JSON can
 * represent. Getters and Proxies are read once and become their values.
 */

export interface PlainCopy {
  readonly copy: unknown;
  /** One for each key with another value: `port is a function`. */
  readonly problems: readonly string[];
}

const MAX_DEPTH = 32;
const MAX_VALUES = 100_000;
const MAX_PROBLEMS = 10;

export function plainCopy(root: object): PlainCopy {
  const problems: string[] = [];
  /** The objects around the current value. */
  const around: object[] = [];
  let values = 0;

  const refuse = (name: string, what: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push(`${name} ${what}`);
    return undefined;
  };
  const copyOf = (value: unknown, name: string): unknown => {
    if (++values > MAX_VALUES) throw new TooMuch();
    if (isPlainValue(value)) return value;
    if (typeof value !== "object" || value === null) {
      return refuse(name, `is ${describeValue(value)}`);
    }
    if (around.includes(value)) return refuse(name, "contains itself");
    if (around.length === MAX_DEPTH) return refuse(name, "is nested too deep");
    if (!Array.isArray(value) && !isPlainObject(value)) {
      return refuse(name, `is ${describeObject(value)}`);
    }
    around.push(value);
    const copy = Array.isArray(value)
      ? itemsOf(value, name)
      : Object.fromEntries(entriesOf(value, name));
    around.pop();
    return copy;
  };
  const itemsOf = (list: readonly unknown[], name: string) => {
    const items: unknown[] = [];
    const isWhole = () => problems.length < MAX_PROBLEMS;
    for (let index = 0; index < list.length && isWhole(); index++) {
      items.push(item(list, index, name));
    }
    return items;
  };
  const item = (list: readonly unknown[], index: number, name: string) => {
    const at = `${name}[${index}]`;
    const value = read(list, String(index), at);
    return value === undefined ? refuse(at, "is undefined") : copyOf(value, at);
  };
  const entriesOf = (value: object, name: string) => {
    return Object.keys(value).flatMap((key) => {
      const at = name === "" ? key : `${name}.${key}`;
      const inner = read(value, key, at);
      // `undefined` means not set, as in the settings.
      return inner === undefined ? [] : [[key, copyOf(inner, at)] as const];
    });
  };
  const read = (value: object, key: string, name: string): unknown => {
    try {
      return Reflect.get(value, key);
    } catch (error) {
      return refuse(name, `cannot be read: ${messageOf(error)}`);
    }
  };

  try {
    return { copy: copyOf(root, ""), problems };
  } catch (error) {
    // A Proxy may throw when its keys are read.
    const what = error instanceof TooMuch ? TOO_MUCH : messageOf(error);
    return { copy: undefined, problems: [what] };
  }
}

const TOO_MUCH = `it has more than ${MAX_VALUES} values`;

class TooMuch extends Error {}

export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The message of any thrown value; never throws. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = Reflect.get(Object(error), "message");
    return typeof message === "string" ? message : String(error);
  } catch {
    return "it threw a value that cannot be shown";
  }
}

function isPlainValue(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return (
    value === null || typeof value === "string" || typeof value === "boolean"
  );
}

function describeValue(value: unknown): string {
  if (typeof value === "bigint") return `a BigInt (${value}n)`;
  if (typeof value === "function") return "a function";
  return typeof value === "symbol" ? "a symbol" : String(value);
}

function describeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const maker: unknown = Reflect.get(Object(prototype), "constructor");
  const name: unknown = typeof maker === "function" ? maker.name : undefined;
  return typeof name === "string" && name ? `a ${name}` : "no plain object";
}
