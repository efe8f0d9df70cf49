import { readdirSync } from "node:fs";
import path from "node:path";
import { collectTests, type RuleTest } from "./rule.ts";

export interface RuleTestFile {
  /** "section-3-request-line.test.ts" */
  readonly file: string;
  readonly tests: readonly RuleTest[];
}

let files: Promise<readonly RuleTestFile[]> | undefined;

/** The files of tests in this folder, in order, none of them run. */
export function ruleTestFiles(): Promise<readonly RuleTestFile[]> {
  files ??= collectFiles();
  return files;
}

async function collectFiles(): Promise<RuleTestFile[]> {
  const folder = import.meta.dirname;
  const names = readdirSync(folder).filter((name) => {
    return /^(?:section|rfc)-.*\.test\.ts$/.test(name);
  });
  const found: RuleTestFile[] = [];
  for (const file of names.sort(inOrder)) {
    const load = () => import(path.join(folder, file));
    found.push({ file, tests: await collectTests(load) });
  }
  return found;
}

/** RFC 9112 before RFC 9110, and its section 11 after its section 9. */
function inOrder(one: string, other: string): number {
  const isSection = (file: string) => Number(file.startsWith("section-"));
  const difference = isSection(other) - isSection(one);
  return difference || one.localeCompare(other, "en", { numeric: true });
}
