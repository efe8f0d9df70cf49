import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { packageVersion } from "../../src/shared/package-version.ts";

test("the version is that of the code which runs, whatever is on disk", (t) => {
  const { version } = JSON.parse(fs.readFileSync("package.json", "utf8"));
  t.after(syncBuiltinESMExports);
  t.mock.method(fs, "readFileSync", () => '{ "version": "99.0.0" }');
  syncBuiltinESMExports();
  assert.equal(packageVersion(), version);
});
