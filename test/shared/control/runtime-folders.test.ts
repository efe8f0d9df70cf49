import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtimeFolders } from "../../../src/shared/control/runtime-folders.ts";

function folders(env: NodeJS.ProcessEnv): string[] {
  return runtimeFolders({ env, uid: 1000, tmpdir: "/tmp" });
}

describe("the folders in which a control socket may be", () => {
  it("are the service's, the user's, and one for temporary files", () => {
    const env = {
      RUNTIME_DIRECTORY: "/run/shop",
      XDG_RUNTIME_DIR: "/run/user/1000",
    };
    assert.deepEqual(folders(env), [
      "/run/shop",
      "/run/user/1000/remuda",
      "/tmp/remuda-1000",
    ]);
  });

  it("are fewer where the environment does not name them", () => {
    assert.deepEqual(folders({}), ["/tmp/remuda-1000"]);
    const empty = { RUNTIME_DIRECTORY: "", XDG_RUNTIME_DIR: "" };
    assert.deepEqual(folders(empty), ["/tmp/remuda-1000"]);
  });

  it("have the first of several that systemd names", () => {
    const [first] = folders({ RUNTIME_DIRECTORY: "/run/a:/run/b" });
    assert.equal(first, "/run/a");
  });

  it("have no relative path", () => {
    assert.deepEqual(folders({ XDG_RUNTIME_DIR: "run" }), ["/tmp/remuda-1000"]);
  });
});
