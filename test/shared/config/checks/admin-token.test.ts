import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readAdminToken } from "../../../../src/shared/config/checks/admin-token.ts";
import { configFolder } from "../config-folder.ts";

function tokenFile(t: TestContext, content: string, mode = 0o600): string {
  const file = path.join(configFolder(t, { token: content }), "token");
  chmodSync(file, mode);
  return file;
}

describe("the token of the admin port", () => {
  it("is what its file holds, without the end of the line", (t) => {
    const token = "a-token-of-22-letters.";
    assert.equal(readAdminToken(tokenFile(t, `${token}\n`)), token);
    assert.equal(readAdminToken(tokenFile(t, token, 0o440)), token);
  });

  for (const [what, content, mode, message] of [
    ["short", "only-15-letters\n", 0o600, /must hold at least 16 characters/],
    ["of two lines", "a-token-of-22\n-letters.", 0o600, /one line/],
    ["not ASCII", "ein-schlüssel-für-alle", 0o600, /visible ASCII/],
    ["for all to read", "a-token-of-22-letters.", 0o644, /readable by all/],
  ] as const) {
    it(`is refused where it is ${what}`, (t) => {
      const file = tokenFile(t, content, mode);
      assert.throws(() => readAdminToken(file), message);
    });
  }

  it("is refused where the file is not there, or is a folder", (t) => {
    const folder = configFolder(t);
    assert.throws(() => readAdminToken(folder), /^Error: is not a file/);
    const missing = path.join(folder, "none");
    assert.throws(() => readAdminToken(missing), /^Error: does not exist/);
  });
});
