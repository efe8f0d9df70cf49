/**
 * Main module of a separate process. It parses the modules that an app imports,
 * and does not run them. A syntax error stays uncaught, because only then does
 * Node.js print its file, line and column.
 *
 * Requires `--experimental-vm-modules`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { compileFunction, SourceTextModule } from "node:vm";

/** Limit for apps with many dependencies. The search is breadth-first. */
const MAX_MODULES = 5_000;

/** Dynamic imports: `import("./name.js")`. */
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(["'])([^"'\n]+)\1/g;

/** A parsed module. Later versions of Node.js lack `dependencySpecifiers`. */
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
  if (!/\.m?js$/.test(file)) return []; // Node.js locates errors in others
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

/** Whether a ".js" file parses as CommonJS. */
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

/** Returns undefined for a built-in module or a missing file. */
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
