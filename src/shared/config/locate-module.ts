import path from "node:path";

/** A relative path, as `import` has it: "./otel.mjs". */
const RELATIVE = /^\.\.?(?:\/|$)/;

/** Makes a relative path absolute; others, and packages, stay as they are. */
export function locateModule<Item>(item: Item, folder: string): Item | string {
  const isRelative = typeof item === "string" && RELATIVE.test(item);
  return isRelative ? path.resolve(folder, item) : item;
}
