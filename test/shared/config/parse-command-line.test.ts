import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCommandLine } from "../../../src/shared/config/parse-command-line.ts";
import { UsageError } from "../../../src/shared/config/usage-error.ts";

function parse(line: string) {
  return parseCommandLine(line.split(" ").filter((word) => word !== ""));
}

/** The setting flags of a command line that starts an app. */
function flagsOf(line: string): Record<string, string> {
  const parsed = parse(`start ${line}`);
  assert.ok(parsed.command === "start");
  return Object.fromEntries(parsed.flags);
}

describe("the command line", () => {
  it("names a command, an app module, a config file and settings", () => {
    assert.deepEqual(parse("start app.js --config r.json --port 80"), {
      command: "start",
      app: "app.js",
      configPath: "r.json",
      flags: new Map([["port", "80"]]),
    });
    assert.deepEqual(parse("--port=80 check-config"), {
      command: "check-config",
      app: undefined,
      configPath: undefined,
      flags: new Map([["port", "80"]]),
    });
  });

  it("switches booleans on and off", () => {
    const name = "show-stack-traces";
    assert.deepEqual(flagsOf(`--${name}`), { [name]: "true" });
    assert.deepEqual(flagsOf(`--no-${name}`), { [name]: "false" });
    assert.deepEqual(flagsOf(`--${name}=false`), { [name]: "false" });
    assert.deepEqual(flagsOf(`--${name} app.js`), { [name]: "true" });
  });

  it("takes the last of a repeated flag", () => {
    assert.deepEqual(flagsOf("--port 1 --port 2"), { port: "2" });
  });

  it("takes a negative number and an empty text for a value", () => {
    assert.deepEqual(flagsOf("--port -1"), { port: "-1" });
    assert.deepEqual(flagsOf("--server-name="), { "server-name": "" });
  });

  it("takes what follows -- for the app module", () => {
    const parsed = parse("start -- --app.js");
    assert.equal(parsed.command === "start" && parsed.app, "--app.js");
  });

  it("asks for help wherever help is asked for", () => {
    for (const line of ["help", "-h", "--help", "start --help", "help start"]) {
      assert.deepEqual(parse(line), { command: "help" });
    }
  });

  it("asks for the version", () => {
    for (const line of ["-v", "--version"]) {
      assert.deepEqual(parse(line), { command: "version" });
    }
  });
});

describe("the command line is refused", () => {
  const cases = {
    "": "a command is missing",
    strat: 'unknown command "strat" (did you mean start?)',
    "frobnicate app.js": 'unknown command "frobnicate"',
    "start --prot 80": "unknown flag --prot (did you mean --port?)",
    "start --no-port": "unknown flag --no-port",
    "start -p 80": "unknown flag -p",
    "start --no-show-stack-trace":
      "unknown flag --no-show-stack-trace " +
      "(did you mean --no-show-stack-traces?)",
    "start --port": "--port needs a value",
    "start --port --workers 2": "--port needs a value",
    "start --config": "--config needs a value",
    "start --help=yes": "--help takes no value",
    "start --no-show-stack-traces=1": "--no-show-stack-traces takes no value",
    "start a.js b.js": 'start takes one app module, not "a.js" and "b.js"',
    "start a.js --app b.js":
      'start takes one app module, not "a.js" and "b.js"',
  };
  for (const [line, message] of Object.entries(cases)) {
    it(`remuda ${line}`, () => {
      assert.throws(() => parse(line), new UsageError(message));
    });
  }
});
