// Module hooks: a TypeScript file is read from the folder of transpiled files;
// one that a test has just written is transpiled here.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = path.resolve(fileURLToPath(import.meta.url), "../..");
let transpiledFolder = "";

/** @param {{ folder?: string }} data none in processes that tests start */
export function initialize({ folder }) {
  transpiledFolder = folder ?? "";
}

/** @type {import("node:module").LoadHookSync} */
export function load(url, context, nextLoad) {
  if (!/^file:.*\.ts$/.test(url)) return nextLoad(url, context);
  const source = sourceOf(fileURLToPath(url));
  return { format: "module", shortCircuit: true, source };
}

function sourceOf(file) {
  if (transpiledFolder === "") return transpile(file);
  const relative = path.relative(root, file);
  const javascript = path.join(transpiledFolder, `${relative.slice(0, -2)}js`);
  try {
    return readFileSync(javascript, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return transpile(file);
  }
}

function transpile(file) {
  const { transformSync } = require("esbuild");
  const text = readFileSync(file, "utf8");
  return transformSync(text, { loader: "ts", sourcefile: file }).code;
}
