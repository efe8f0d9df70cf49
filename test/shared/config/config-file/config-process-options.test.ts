import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  childEnvironment,
  childFlags,
} from "../../../../src/shared/config/config-file/config-process-options.ts";

describe("the process of a config file", () => {
  it("has the flags of Node that its parent has, but no inspector", () => {
    const flags = ["--import", "tsx", "--inspect=0", "--no-warnings"];
    const others = ["--inspect-port", "9230", "--inspect-brk", "-e", "1"];
    assert.deepEqual(childFlags([...flags, ...others]).slice(1), [
      "--import",
      "tsx",
      "--no-warnings",
    ]);
  });

  it("has little memory, unless its parent says otherwise", () => {
    const own = "--max-old-space-size=2000";
    assert.deepEqual(childFlags([own]), ["--max-old-space-size=256", own]);
  });

  it("has the variables of its parent, but no inspector", () => {
    const options = "--inspect --no-warnings --inspect-port 9 --inspect-brk=:1";
    const env = { PATH: "/bin", NODE_OPTIONS: options };
    const { PATH, NODE_OPTIONS } = childEnvironment(env);
    assert.equal(PATH, "/bin");
    assert.equal(NODE_OPTIONS?.trim(), "--no-warnings");
  });

  it("has nothing of what a service manager says to its parent", () => {
    const env = { NOTIFY_SOCKET: "/a", LISTEN_FDS: "1", NODE_UNIQUE_ID: "1" };
    assert.deepEqual(childEnvironment(env), {});
  });
});
