import assert from "node:assert/strict";
import { test } from "node:test";
import { doAll } from "../../bench/do-all.ts";

test("what follows a failure is done, and the failure told in the end", async () => {
  const done: string[] = [];
  const items = ["a", "b", "c"].map((name) => ({ name }));
  const all = doAll(items, async ({ name }) => {
    if (name !== "c") throw new Error(`no ${name}`);
    done.push(name);
  });
  await assert.rejects(all, { message: "a: no a; b: no b" });
  assert.deepEqual(done, ["c"]);
});
