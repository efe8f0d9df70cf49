import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCommandLine } from "../../../src/cli/command-line/parse-command-line.ts";
import { createProgram } from "../../../src/cli/command-line/program.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

function parse(line: string): { readonly command: string } & object {
  const words = line.split(" ").filter((word) => word !== "");
  const { command, input } = parseCommandLine(words);
  return { command, ...input };
}

/** The setting flags of a command line that starts an app. */
function flagsOf(line: string): Record<string, string> {
  const parsed = parse(`start ${line}`);
  assert.ok("flags" in parsed && parsed.flags instanceof Map);
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

  it("leaves the check of a value to the settings", () => {
    assert.deepEqual(flagsOf("--watchdog=maybe"), { watchdog: "maybe" });
    assert.deepEqual(flagsOf("--port x"), { port: "x" });
  });

  it("forgets the flags of the command line before", () => {
    assert.deepEqual(flagsOf("--port 1"), { port: "1" });
    assert.deepEqual(flagsOf("--workers 2"), { workers: "2" });
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
    assert.equal("app" in parsed && parsed.app, "--app.js");
  });

  it("asks for help wherever help is asked for", () => {
    for (const line of ["help", "-h", "--help"]) {
      assert.deepEqual(parse(line), { command: "help", about: undefined });
    }
    for (const about of ["start", "scale", "logs reopen"]) {
      for (const line of [`${about} --help`, `help ${about}`, `-h ${about}`]) {
        assert.deepEqual(parse(line), { command: "help", about });
      }
    }
  });

  it("asks for the version", () => {
    for (const line of ["-v", "--version"]) {
      assert.deepEqual(parse(line), { command: "version" });
    }
  });
});

describe("the command line for a daemon that runs", () => {
  const target = {
    pid: undefined,
    control: undefined,
    runtimeDir: undefined,
    configPath: undefined,
  };

  it("names what is asked for", () => {
    const looks = { intervalMs: 1_000, count: undefined };
    for (const [line, expected] of Object.entries({
      status: { command: "status", asJson: false },
      "status --json": { command: "status", asJson: true },
      top: { command: "top", ...looks },
      "top --interval-ms 200 --count 3": {
        command: "top",
        intervalMs: 200,
        count: 3,
      },
      reload: { command: "reload", wait: false },
      "reload --wait": { command: "reload", wait: true },
      "upgrade --wait": { command: "upgrade", wait: true },
      "scale 3": { command: "scale", workers: 3 },
      stop: { command: "stop", now: false, wait: false },
      "stop --now --wait": { command: "stop", now: true, wait: true },
      ready: { command: "ready" },
      "logs reopen": { command: "logs reopen" },
      "log-level debug": { command: "log-level", level: "debug", forMs: 6e5 },
      "log-level reset --for 2h": {
        ...{ command: "log-level", level: "reset", forMs: 72e5 },
      },
      "logs -f --worker 2": {
        command: "logs",
        query: { follows: true, worker: 2, level: undefined, lines: 100 },
        format: "auto",
      },
    })) {
      assert.deepEqual(parse(line), { ...expected, target }, line);
    }
  });

  it("names the daemon that is meant", () => {
    const of = (line: string) => {
      const parsed = parse(`reload ${line}`);
      assert.ok("target" in parsed);
      return parsed.target;
    };
    assert.deepEqual(of("--pid 7"), { ...target, pid: 7 });
    assert.deepEqual(of("--control /c"), { ...target, control: "/c" });
    assert.deepEqual(of("--runtime-dir /r"), { ...target, runtimeDir: "/r" });
    assert.deepEqual(of("--config c.js"), { ...target, configPath: "c.js" });
  });
});

describe("the words of other programs", () => {
  const { leaves } = createProgram(() => {});
  const words = leaves.flatMap((command) => command.wordsElsewhere);

  it("mean one command each, and are not commands", () => {
    assert.equal(new Set(words).size, words.length);
    for (const word of words) {
      assert.throws(() => parse(word), /did you mean/, word);
    }
  });
});

describe("an unknown command", () => {
  function guessFor(word: string): string | undefined {
    try {
      parse(word);
    } catch (error) {
      return /\(did you mean (.*)\?\)$/.exec((error as Error).message)?.[1];
    }
    return assert.fail(`"${word}" was taken`);
  }

  it("suggests what other programs call by that word", () => {
    for (const [command, words] of Object.entries({
      reload: ["restart", "Restart", "force-reload", "try-restart"],
      stop: ["quit", "kill", "delete", "unload", "shutdown"],
      status: ["list", "ls", "ps", "show", "info"],
      top: ["monit"],
      "check-config": ["test", "configtest", "validate"],
      "logs reopen": ["reopen"],
      logs: ["log", "tail"],
      start: ["run", "serve"],
      "--version": ["version"],
    })) {
      for (const word of words) assert.equal(guessFor(word), command, word);
    }
  });

  it("suggests the command that is meant by a slip or its beginning", () => {
    for (const [word, command] of Object.entries({
      tsart: "start",
      tart: "start",
      starts: "start",
      stat: "status",
      stats: "status",
      sotp: "stop",
      rel: "reload",
      "check-confg": "check-config",
      upgrdae: "upgrade",
      hlep: "help",
    })) {
      assert.equal(guessFor(word), command, word);
    }
  });

  it("suggests nothing where nothing is near", () => {
    for (const word of ["upload", "save", "resurrect", "st", "app.js", "x"]) {
      assert.equal(guessFor(word), undefined, word);
    }
  });
});

describe("the command line is refused", () => {
  const cases = {
    "": "a command is missing",
    strat: 'unknown command "strat" (did you mean start?)',
    "frobnicate app.js": 'unknown command "frobnicate"',
    "-t": "unknown flag -t (did you mean check-config?)",
    "--restart": "unknown flag --restart (did you mean reload?)",
    "--status": "unknown flag --status (did you mean status?)",
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
    "start --wait": "start does not take --wait",
    "status --port 80": "status does not take --port",
    "reload --json": "reload does not take --json",
    "reload app.js": 'reload does not take "app.js"',
    "status --json=no": "--json takes no value",
    "top --count": "--count needs a value",
    "top --interval-ms 99":
      '--interval-ms is "99"; it must be an integer, 100 to 3600000',
    "status --pid x": '--pid is "x"; it must be an integer, 1 to 2147483647',
    "status --pid 7 --control /c": "--control cannot be used with --pid",
    "stop --control /c --runtime-dir /r":
      "--control cannot be used with --runtime-dir",
    "help strat": 'unknown command "strat" (did you mean start?)',
    "start --watchdog --no-watchdog=1": "--no-watchdog takes no value",
    scale: "scale needs the number of workers",
    "scale two":
      'the number of workers is "two"; it must be an integer, 1 to 1024',
    "scale 1 2": 'scale does not take "2"',
    "logs open": 'logs does not take "open"',
    "logs reopen --follow": "logs reopen does not take --follow",
    "log-level debug --for 1.5h":
      '--for is "1.5h"; it must be a time such as 90s, 10m or 2h, 1s to 24h',
    reloda: 'unknown command "reloda" (did you mean reload?)',
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
