// Module hooks: a TypeScript file is read from the folder of transpiled files;
// one that a test has just written is transpiled here.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
let transpiledFolder = "";

/** @param {{ folder?: string }} data none in processes that tests start */
export function initialize({ folder }) {
  transpiledFolder = folder ?? "";
}

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  if (!/^file:.*\.ts$/.test(url)) return nextLoad(url, context);
  const file = fileURLToPath(url);
  const relative = path.relative(root, file);
  const javascript = path.join(transpiledFolder, `${relative.slice(0, -2)}js`);
  const source = transpiledFolder
    ? await readFile(javascript, "utf8").catch((error) => {
        if (error.code !== "ENOENT") throw error;
        return transpile(file);
      })
    : await transpile(file);
  return { format: "module", shortCircuit: true, source };
}

async function transpile(file) {
  const { transform } = await import("esbuild");
  const text = await readFile(file, "utf8");
  return (await transform(text, { loader: "ts", sourcefile: file })).code;
}
