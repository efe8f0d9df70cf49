import { readFileSync } from "node:fs";
import path from "node:path";

/** Labels by metric, of the table which docs.test.ts compares with the code. */
export function documentedMetrics(): Map<string, readonly string[]> {
  const page = path.resolve(import.meta.dirname, "../../docs/operations.md");
  const text = readFileSync(page, "utf8");
  const table = /<!-- metrics -->(.*?)<!-- \/metrics -->/s.exec(text)?.[1];
  const rows = (table ?? "").split("\n").filter((row) => row.startsWith("| `"));
  return new Map(
    rows.map((row) => {
      const [, name = "", , labels = ""] = row.split("|");
      return [codeIn(name)[0] ?? "", codeIn(labels)];
    }),
  );
}

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}
