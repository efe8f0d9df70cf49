import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  incomingCommandLine,
  type StartedAs,
} from "../../../src/master/upgrade/incoming-process.ts";

const started: StartedAs = {
  argv0: "node",
  execPath: "/opt/node-20/bin/node",
  execArgv: ["--enable-source-maps"],
  argv: [
    "/opt/node-20/bin/node",
    "/srv/releases/1/node_modules/remuda/dist/cli.js",
    "start",
    "app.js",
  ],
  env: { PATH: "/usr/local/bin:/usr/bin", PWD: "/srv/current", PORT: "80" },
  cwd: "/srv/releases/1",
  folder: "/srv/current",
};

function commandOf(given: Partial<StartedAs>, ...programs: string[]) {
  return incomingCommandLine({ ...started, ...given }, (file) => {
    return programs.includes(file);
  });
}

function fileOf(given: Partial<StartedAs>, ...programs: string[]) {
  return commandOf(given, ...programs)?.file;
}

describe("the Node of the next master", () => {
  const { execPath } = started;

  it("is looked up in PATH where it was given by its name", () => {
    const programs = ["/usr/bin/node", execPath];
    assert.equal(fileOf({}, ...programs), "/usr/bin/node");
    assert.equal(
      fileOf({}, "/usr/local/bin/node", ...programs),
      "/usr/local/bin/node",
    );
  });

  it("is where its path leads now where it was given by a path", () => {
    const argv0 = "./bin/node";
    const programs = ["/srv/current/bin/node", execPath];
    assert.equal(fileOf({ argv0 }, ...programs), programs[0]);
    const absolute = "/opt/node/bin/node";
    assert.equal(fileOf({ argv0: absolute }, absolute), absolute);
  });

  it("is the one that runs now where it is not found otherwise", () => {
    assert.equal(fileOf({}, execPath), execPath);
    assert.equal(fileOf({ env: {} }, execPath), execPath);
    assert.equal(fileOf({ argv0: "/gone/node" }, execPath), execPath);
  });

  it("is not another program that has the process's name", () => {
    const argv0 = "remuda";
    assert.equal(fileOf({ argv0 }, "/usr/bin/remuda", execPath), execPath);
  });

  it("cannot be had where there is none any more", () => {
    assert.equal(commandOf({}), undefined);
  });
});

describe("the command of the next master", () => {
  const { execPath } = started;

  it("has Node's options and the arguments as they were", () => {
    const command = commandOf({}, execPath);
    assert.deepEqual(command?.args.slice(0, 1), ["--enable-source-maps"]);
    assert.deepEqual(command?.args.slice(-2), ["start", "app.js"]);
    assert.equal(command?.argv0, "node");
  });

  it("runs in the folder by its name, whose links may have changed", () => {
    const command = commandOf({}, execPath);
    assert.equal(command?.cwd, "/srv/current");
    assert.equal(command?.env.PWD, "/srv/current");
  });

  it("has the script of that folder", () => {
    assert.equal(
      commandOf({}, execPath)?.args[1],
      "/srv/current/node_modules/remuda/dist/cli.js",
    );
  });

  it("has a script elsewhere as it was", () => {
    for (const script of ["/usr/bin/remuda", "/srv/releases/10/cli.js"]) {
      const argv = [execPath, script, "start"];
      assert.equal(commandOf({ argv }, execPath)?.args[1], script);
    }
  });

  it("has no variables that were meant for one process", () => {
    const env = {
      PORT: "80",
      NODE_CHANNEL_FD: "3",
      NODE_UNIQUE_ID: "1",
      LISTEN_FDS: "1",
      LISTEN_PID: "10",
    };
    const command = commandOf({ env }, execPath);
    assert.deepEqual(command?.env, { PORT: "80", PWD: "/srv/current" });
  });
});
