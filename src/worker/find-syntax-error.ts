/**
 * A process of its own: parses the modules that an app imports, one after the
 * other, and runs none. A syntax error ends it as one that nobody catches:
 * Node prints its file, its line and the place in it then, and only then.
 *
 * Needs `--experimental-vm-modules`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { compileFunction, SourceTextModule } from "node:vm";

/** Limit for apps with many dependencies; the app's own modules come first. */
const MAX_MODULES = 5_000;

/** `import("./name.js")`: such a module is parsed when it is imported. */
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(["'])([^"'\n]+)\1/g;

/** Imports of a module; later versions of Node lack `dependencySpecifiers`. */
interface Parsed {
  readonly moduleRequests?: readonly { readonly specifier: string }[];
  readonly dependencySpecifiers?: readonly string[];
}

const seen = new Set<string>();
const files = [process.argv[2] ?? ""];
for (const file of files) {
  if (seen.size >= MAX_MODULES) break;
  for (const next of importsOf(file)) {
    if (seen.has(next)) continue;
    seen.add(next);
    files.push(next);
  }
}

/** @throws SyntaxError */
function importsOf(file: string): string[] {
  if (!/\.m?js$/.test(file)) return []; // of others Node tells the place
  const code = readFileSync(file, "utf8");
  if (isCommonJs(file, code)) return [];
  const parsed: Parsed = new SourceTextModule(code, { identifier: file });
  const specifiers =
    parsed.moduleRequests?.map(({ specifier }) => specifier) ??
    parsed.dependencySpecifiers ??
    [];
  const later = [...code.matchAll(DYNAMIC_IMPORT)].map(([, , name]) => name);
  return [...specifiers, ...later].flatMap((specifier = "") => {
    const found = resolve(specifier, file);
    return found ? [found] : [];
  });
}

/** A ".js" file that is a script for Node if its package does not say more. */
function isCommonJs(file: string, code: string): boolean {
  if (file.endsWith(".mjs")) return false;
  const parameters = ["exports", "require", "module"];
  try {
    compileFunction(code, parameters, { filename: file });
    return true;
  } catch {
    return false;
  }
}

/** Nothing where it is no file: Node's own modules, or what is not there. */
function resolve(specifier: string, from: string): string | undefined {
  try {
    const name = specifier.startsWith("file:")
      ? new URL(specifier).pathname
      : specifier;
    const found = createRequire(from).resolve(name);
    return path.isAbsolute(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
