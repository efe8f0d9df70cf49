import type { SchemaCheck } from "./checking-packages.ts";

/**
 * What is wrong with a value, by its schema and strictly: also what the schema
 * does not know. Published schemas of Kubernetes allow unknown fields, as does
 * its API, which drops them without a word.
 *
 * A compiled schema reads each field that it knows, by its name. So a field
 * that was there and was never read is one that it does not know.
 */
export function schemaProblems(check: SchemaCheck, value: unknown): string[] {
  const read = new Map<object, Set<string | symbol>>();
  const isValid = check(watched(value, read));
  const errors = isValid ? [] : (check.errors ?? []);
  return [
    ...errors.map((error) => JSON.stringify(error)),
    ...unread(value, read, "").map((field) => `unknown field: ${field}`),
  ];
}

function watched(value: unknown, read: Map<object, Set<string | symbol>>) {
  if (typeof value !== "object" || value === null) return value;
  const names = new Set<string | symbol>();
  read.set(value, names);
  const proxy: object = new Proxy(value, {
    get(target, name) {
      names.add(name);
      return seen.get(name) ?? Reflect.get(target, name);
    },
  });
  const seen = new Map<string | symbol, unknown>(
    Object.entries(value).map(([name, each]) => [name, watched(each, read)]),
  );
  return proxy;
}

function unread(
  value: unknown,
  read: ReadonlyMap<object, ReadonlySet<string | symbol>>,
  at: string,
): string[] {
  if (typeof value !== "object" || value === null) return [];
  const names = read.get(value);
  return Object.entries(value).flatMap(([name, each]) => {
    const field = `${at}/${name}`;
    return names?.has(name) ? unread(each, read, field) : [field];
  });
}
