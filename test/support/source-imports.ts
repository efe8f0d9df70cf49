import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One import of a source file, with paths relative to the root folder. */
export interface SourceImport {
  readonly file: string;
  /** A file of the same tree ("shared/clock.ts") or a module ("node:net"). */
  readonly target: string;
  readonly isModule: boolean;
  /** `import type`, `export type`, or only names with `type` before each. */
  readonly isTypeOnly: boolean;
}

export interface SourceFile {
  readonly file: string;
  readonly imports: readonly SourceImport[];
  /** Dynamic imports whose target is known only at run time. */
  readonly computedImports: number;
}

// The formatter guarantees that statements start in the first column and that
// names are in double quotes.
const STATEMENT =
  /^(?:import|export)(?:\b(?<what>[\w\s{},*$]*?)\bfrom)?\s*"(?<from>[^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*(?:"(?<from>[^"\n]+)")?/g;
const REQUIRE = /\brequire\(/;
const COMMENTS = /^\s*(?:\/\/|\/?\*).*$/gm;
const TYPE_NAMES = /^\s*\{(?:\s*type\s[^,}]+,?)+\s*\}/;

/** All TypeScript files under `root` with their imports. */
export function readSourceFiles(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(path.sep).join("/"))
    .sort()
    .map((file) => parse(file, readFileSync(path.join(root, file), "utf8")));
}

/** Static, dynamic and type imports of a source file. */
export function parse(file: string, source: string): SourceFile {
  const code = source.replaceAll(COMMENTS, "");
  if (REQUIRE.test(code)) throw new Error(`${file} uses require()`);
  const imports: SourceImport[] = [];
  let computedImports = 0;
  for (const { groups } of code.matchAll(STATEMENT)) {
    const { what = "", from = "" } = groups ?? {};
    const isTypeOnly = /^\s+type\s/.test(what) || TYPE_NAMES.test(what);
    imports.push({ ...target(file, from), isTypeOnly });
  }
  for (const { groups } of code.matchAll(DYNAMIC)) {
    const from = groups?.from;
    if (from === undefined) computedImports++;
    else imports.push({ ...target(file, from), isTypeOnly: false });
  }
  return { file, imports, computedImports };
}

function target(file: string, from: string) {
  const isModule = !from.startsWith(".");
  const resolved = path.posix.join(path.posix.dirname(file), from);
  return { file, target: isModule ? from : resolved, isModule };
}
