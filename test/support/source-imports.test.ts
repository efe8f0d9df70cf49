import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "./source-imports.ts";

const importsOf = (source: string) => {
  return parse("a/b/file.ts", source).imports.map((each) => {
    return `${each.target}${each.isTypeOnly ? " (types)" : ""}`;
  });
};

describe("the imports of a source file", () => {
  const cases: [source: string, expected: string[]][] = [
    ['import net from "node:net";', ["node:net"]],
    ['import "./x.ts";', ["a/b/x.ts"]],
    ['import { a } from "../c.ts";', ["a/c.ts"]],
    ['import {\n  a,\n  b,\n} from "../../c.ts";', ["c.ts"]],
    ['import type { A } from "./x.ts";', ["a/b/x.ts (types)"]],
    ['import { type A, type B } from "./x.ts";', ["a/b/x.ts (types)"]],
    ['import { type A, b } from "./x.ts";', ["a/b/x.ts"]],
    ['import typed from "./x.ts";', ["a/b/x.ts"]],
    ['export { a } from "./x.ts";', ["a/b/x.ts"]],
    ['export type { A } from "./x.ts";', ["a/b/x.ts (types)"]],
    ['export * from "./x.ts";', ["a/b/x.ts"]],
    ['  const x = await import("./x.ts");', ["a/b/x.ts"]],
    ['type X = import("./x.ts").X;', ["a/b/x.ts"]],
    ['// import a from "./x.ts";', []],
    ['/**\n * import("./x.ts")\n */', []],
    ['const text = `import { a } from "x";`;', []],
    ['export const a = 1;\nimport b from "b";', ["b"]],
  ];
  for (const [source, expected] of cases) {
    test(`are found in ${JSON.stringify(source)}`, () => {
      assert.deepEqual(importsOf(source), expected);
    });
  }

  test("are counted where only the run knows what they are", () => {
    assert.equal(parse("a.ts", "await import(url.href)").computedImports, 1);
    assert.equal(parse("a.ts", 'import("./b.ts")').computedImports, 0);
  });

  test("are no calls of require()", () => {
    assert.throws(() => parse("a.ts", 'require("node:net")'), /a\.ts/);
  });
});
