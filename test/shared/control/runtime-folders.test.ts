import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtimeFolders } from "../../../src/shared/control/runtime-folders.ts";

const GRANTED = ["/tmp/remuda-0/1000", "/run/remuda-0/1000"];
const OWN = [...GRANTED, "/tmp/remuda-1000"];

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
      ...OWN,
    ]);
  });

  it("are fewer where the environment does not name them", () => {
    assert.deepEqual(folders({}), OWN);
    const empty = { RUNTIME_DIRECTORY: "", XDG_RUNTIME_DIR: "" };
    assert.deepEqual(folders(empty), OWN);
  });

  it("have the first of several that systemd names", () => {
    const [first] = folders({ RUNTIME_DIRECTORY: "/run/a:/run/b" });
    assert.equal(first, "/run/a");
  });

  it("are two for root: anybody could have made the first one", () => {
    const found = runtimeFolders({ env: {}, uid: 0, tmpdir: "/tmp" });
    assert.deepEqual(found, ["/tmp/remuda-0", "/run/remuda-0"]);
  });

  it("have no relative path", () => {
    assert.deepEqual(folders({ XDG_RUNTIME_DIR: "run" }), OWN);
  });
});
