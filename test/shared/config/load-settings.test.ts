import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { SettingsError } from "../../../src/shared/config/checks/settings-error.ts";
import { loadSettings } from "../../../src/shared/config/load-settings.ts";
import type { SettingsSources } from "../../../src/shared/config/sources/gather-settings.ts";
import { tlsFixture } from "../../support/tls-fixtures.ts";
import { configFolder } from "./config-folder.ts";

/** What is said about settings that are refused, line by line. */
async function problemsOf(sources: SettingsSources): Promise<string[]> {
  try {
    await loadSettings(sources);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.message.split("\n");
  }
  return [];
}

function flags(texts: Record<string, string>): ReadonlyMap<string, string> {
  return new Map(Object.entries(texts));
}

describe("loading: precedence", () => {
  it("uses the defaults when nothing is given", async (test) => {
    const cwd = configFolder(test);
    const loaded = await loadSettings({ cwd, env: { PATH: "/bin" } });
    assert.equal(loaded.settings.port, 8080);
    assert.equal(loaded.settings.drain.lingerMs, 5_000);
    assert.equal(loaded.settings.app, undefined);
    assert.equal(loaded.configFile, undefined);
    assert.deepEqual([...new Set(loaded.origins.values())], ["default"]);
  });

  it("takes flags over variables over the file over defaults", async (test) => {
    const config = {
      port: 1,
      backlog: 1,
      maxFields: 1,
      drain: { lingerMs: 1 },
    };
    const cwd = configFolder(test, {
      "remuda.config.json": JSON.stringify(config),
    });
    const { settings, origins, configFile } = await loadSettings({
      cwd,
      env: { REMUDA_PORT: "2", REMUDA_BACKLOG: "2" },
      flags: flags({ port: "3" }),
    });
    const file = path.join(cwd, "remuda.config.json");
    assert.equal(configFile, file);
    assert.deepEqual([settings.port, origins.get("port")], [3, "--port"]);
    assert.equal(settings.backlog, 2);
    assert.equal(origins.get("backlog"), "REMUDA_BACKLOG");
    assert.deepEqual([settings.maxFields, origins.get("maxFields")], [1, file]);
    assert.equal(settings.drain.lingerMs, 1);
    assert.equal(origins.get("drain.lingerMs"), file);
    assert.equal(settings.drain.deadlineMs, 20_000);
    assert.equal(origins.get("drain.deadlineMs"), "default");
  });

  it("takes undefined in a file for not given", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.mjs":
        "export default { port: undefined, drain: undefined }",
    });
    const { settings, origins } = await loadSettings({ cwd, env: {} });
    assert.equal(settings.port, 8080);
    assert.equal(origins.get("port"), "default");
  });
});

describe("loading: texts", () => {
  it("reads numbers, switches and words", async (test) => {
    const { settings } = await loadSettings({
      cwd: configFolder(test),
      env: { REMUDA_WORKERS: "4", REMUDA_SHOW_STACK_TRACES: "true" },
      flags: flags({ "admin-port": "0", scheduling: "shared" }),
    });
    assert.equal(settings.workers, 4);
    assert.equal(settings.showStackTraces, true);
    assert.equal(settings.admin.port, 0);
    assert.equal(settings.scheduling, "shared");
  });

  it("takes cores for the number of workers", async (test) => {
    const env = { REMUDA_WORKERS: "cores" };
    const cwd = configFolder(test);
    assert.equal((await loadSettings({ cwd, env })).settings.workers, "cores");
  });

  it("takes a range for the number of workers", async (test) => {
    const cwd = configFolder(test);
    const workersOf = async (text: string) => {
      const env = { REMUDA_WORKERS: text };
      return (await loadSettings({ cwd, env })).settings.workers;
    };
    assert.deepEqual(await workersOf("2-8"), { min: 2, max: 8 });
    assert.deepEqual(await workersOf("1-cores"), { min: 1, max: "cores" });
    for (const text of ["8-2", "0-3", "2-", "-3", "2-2000", "2..8", "1-2-3"]) {
      await assert.rejects(workersOf(text), /workers is .*a range: 2-8/);
    }
  });

  it("takes shares as numbers with a point", async (test) => {
    const cwd = configFolder(test);
    const env = { REMUDA_AUTOSCALE_UP_UTILIZATION: ".9" };
    const given = flags({ "autoscale-down-utilization": "0.25" });
    const { settings } = await loadSettings({ cwd, env, flags: given });
    assert.equal(settings.autoscale.upUtilization, 0.9);
    assert.equal(settings.autoscale.downUtilization, 0.25);
    for (const text of ["1", "0", "1.5", "75%", "a", "."]) {
      const env = { REMUDA_AUTOSCALE_UP_UTILIZATION: text };
      const problems = await problemsOf({ cwd, env });
      assert.match(problems.join(), /must be a number over 0 and under 1/);
    }
  });

  it("takes an empty variable for unset", async (test) => {
    const cwd = configFolder(test, { "remuda.config.json": '{"port": 1}' });
    const env = { REMUDA_PORT: "", REMUDA_APP: "", REMUDA_CONFIG: "" };
    const { settings, origins } = await loadSettings({ cwd, env });
    assert.equal(settings.port, 1);
    assert.equal(origins.get("app"), "default");
  });

  it("takes an empty server name for what it says", async (test) => {
    const env = { REMUDA_SERVER_NAME: "" };
    const { settings } = await loadSettings({ cwd: configFolder(test), env });
    assert.equal(settings.serverName, "");
  });

  for (const text of ["abc", "80x", "1e3", "0x50", " 80", "8.5", "-1", ""]) {
    it(`refuses the port "${text}"`, async (test) => {
      const cwd = configFolder(test);
      const sources = { cwd, env: {}, flags: flags({ port: text }) };
      const [problem = "", ...others] = await problemsOf(sources);
      assert.match(
        problem,
        /^port is .+ \(from --port\); it must be an integer/,
      );
      assert.deepEqual(others, []);
    });
  }
});

describe("loading: paths", () => {
  it("start in the folder of the file they are in", async (test) => {
    const cwd = configFolder(test);
    mkdirSync(path.join(cwd, "etc"));
    writeFileSync(path.join(cwd, "etc/app.js"), "");
    writeFileSync(
      path.join(cwd, "etc/r.json"),
      '{"app": "app.js", "socketPath": "../web.sock"}',
    );
    const { settings } = await loadSettings({
      cwd,
      env: {},
      configPath: "etc/r.json",
    });
    assert.equal(settings.app, path.join(cwd, "etc/app.js"));
    assert.equal(settings.socketPath, path.join(cwd, "web.sock"));
  });

  it("start in the working folder elsewhere", async (test) => {
    const cwd = configFolder(test, { "app.js": "" });
    const { settings, origins } = await loadSettings({
      cwd,
      env: { REMUDA_SOCKET_PATH: "web.sock", REMUDA_APP: "other.js" },
      app: "./app.js",
    });
    assert.equal(settings.socketPath, path.join(cwd, "web.sock"));
    assert.equal(settings.app, path.join(cwd, "app.js"));
    assert.equal(origins.get("app"), "the command line");
  });

  it("of an app must lead to a file", async (test) => {
    const cwd = configFolder(test);
    const file = path.join(cwd, "app.js");
    assert.deepEqual(await problemsOf({ cwd, env: {}, app: "app.js" }), [
      `app module "${file}" (from the command line) does not exist`,
    ]);
    assert.deepEqual(await problemsOf({ cwd, env: { REMUDA_APP: "." } }), [
      `app module "${cwd}" (from REMUDA_APP) is not a file`,
    ]);
  });
});

describe("loading: TLS", () => {
  it("takes files that fit together", async (test) => {
    const cwd = configFolder(test);
    const { settings } = await loadSettings({
      cwd,
      env: { REMUDA_TLS_CERT_FILE: tlsFixture("server.pem") },
      flags: flags({ "tls-key-file": tlsFixture("server.key") }),
    });
    assert.equal(settings.tls.certFile, tlsFixture("server.pem"));
    assert.equal(settings.tls.minVersion, "TLSv1.2");
  });

  it("refuses a file without those it needs", async (test) => {
    const cwd = configFolder(test);
    const each = [
      ["tls-cert-file", "tls.certFile", "tls.keyFile"],
      ["tls-key-file", "tls.keyFile", "tls.certFile"],
      ["tls-client-ca-file", "tls.clientCaFile", "tls.certFile"],
      ["tls-ticket-key-file", "tls.ticketKeyFile", "tls.certFile"],
    ] as const;
    for (const [flag, setting, other] of each) {
      const given = flags({ [flag]: "a.pem" });
      const file = path.join(cwd, "a.pem");
      assert.deepEqual(await problemsOf({ cwd, env: {}, flags: given }), [
        `${setting} is "${file}" (from --${flag}); ` +
          `it must be given together with ${other}`,
      ]);
    }
  });

  it("refuses files that cannot be used, and says why", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.json": '{"tls": {"certFile": "no.pem"}}',
    });
    const env = { REMUDA_TLS_KEY_FILE: tlsFixture("encrypted.key") };
    const problems = await problemsOf({ cwd, env });
    const config = path.join(cwd, "remuda.config.json");
    assert.equal(problems.length, 2);
    assert.equal(
      problems[0],
      `tls.certFile "${path.join(cwd, "no.pem")}" (from ${config}) ` +
        "does not exist",
    );
    assert.match(
      problems[1] ?? "",
      /^tls\.keyFile ".*" \(from REMUDA_TLS_KEY_FILE\) is encrypted; it must/,
    );
  });
});

describe("loading: the log file", () => {
  it("is where it was given from", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.json": '{"logFile": "app.log"}',
    });
    const { settings } = await loadSettings({ cwd, env: {} });
    assert.equal(settings.logFile, path.join(cwd, "app.log"));
  });

  it("is refused where lines cannot be added to it", async (test) => {
    const cwd = configFolder(test, { "a-file": "" });
    const problemOf = async (file: string) => {
      const [problem] = await problemsOf({
        cwd,
        env: { REMUDA_LOG_FILE: file },
      });
      return problem;
    };
    const from = "(from REMUDA_LOG_FILE)";
    assert.equal(
      await problemOf("no/app.log"),
      `logFile "${cwd}/no/app.log" ${from} is in a folder that does not exist`,
    );
    assert.equal(
      await problemOf("a-file/app.log"),
      `logFile "${cwd}/a-file/app.log" ${from} is in a folder that does not ` +
        "exist",
    );
    assert.equal(await problemOf("."), `logFile "${cwd}" ${from} is a folder`);
    const pipe = path.join(cwd, "pipe");
    execFileSync("mkfifo", [pipe]);
    assert.equal(
      await problemOf(pipe),
      `logFile "${pipe}" ${from} is not a file`,
    );
    assert.equal(await problemOf("a-file"), undefined);
    assert.equal(await problemOf("/dev/null"), undefined);
  });
});

describe("loading: problems", () => {
  it("are all told at once, with value, origin and what is valid", async (test) => {
    const cwd = configFolder(test, {
      "remuda.config.json": '{"prot": 1, "workers": "many", "drain": 5}',
    });
    const file = path.join(cwd, "remuda.config.json");
    const problems = await problemsOf({
      cwd,
      env: { REMUDA_LOGLEVEL: "info", REMUDA_LOG_LEVEL: "loud" },
      flags: flags({ port: "abc", "min-ready": "0" }),
    });
    assert.deepEqual(problems.toSorted(), [
      `drain is 5 (from ${file}); it must be an object with preStopDelayMs, ` +
        "lingerMs, deadlineMs, signal",
      'logLevel is "loud" (from REMUDA_LOG_LEVEL); it must be one of trace, ' +
        "debug, info, warn, error, fatal, silent",
      "minReady is 0 (from --min-ready); it must be an integer, 1 or more",
      'port is "abc" (from --port); it must be an integer, 0 to 65535',
      "there is no setting REMUDA_LOGLEVEL; did you mean REMUDA_LOG_LEVEL?",
      `there is no setting prot (from ${file}); did you mean port?`,
      `workers is "many" (from ${file}); it must be an integer, 1 to 1024, ` +
        '"cores", or a range: 2-8, 1-cores, { min, max }',
    ]);
  });

  it("name a setting that was put in the wrong place", async (test) => {
    const config = { lingerMs: 1, drain: { port: 1, lingrMs: 1 } };
    const cwd = configFolder(test, {
      "remuda.config.json": JSON.stringify(config),
    });
    const problems = (await problemsOf({ cwd, env: {} })).join("\n");
    assert.match(problems, /setting lingerMs .*mean drain\.lingerMs\?/);
    assert.match(problems, /setting drain\.port /);
    assert.match(problems, /setting drain\.lingrMs .*mean drain\.lingerMs\?/);
  });

  it("between settings are told beside those of single ones", async (test) => {
    const problems = await problemsOf({
      cwd: configFolder(test),
      env: { REMUDA_DRAIN_DEADLINE_MS: "100" },
      flags: flags({ port: "x", workers: "2", "min-ready": "3" }),
    });
    assert.deepEqual(problems.toSorted(), [
      "drain.lingerMs is 5000 (the default); it must be at most " +
        "drain.deadlineMs (100)",
      "minReady is 3 (from --min-ready); it must be at most workers (2)",
      'port is "x" (from --port); it must be an integer, 0 to 65535',
    ]);
    const ofRange = await problemsOf({
      cwd: configFolder(test),
      env: {},
      flags: flags({
        workers: "2-8",
        "min-ready": "3",
        "autoscale-up-utilization": "0.4",
      }),
    });
    assert.deepEqual(ofRange.toSorted(), [
      "autoscale.downUtilization is 0.5 (the default); it must be at " +
        "most autoscale.upUtilization (0.4)",
      "minReady is 3 (from --min-ready); it must be at most workers.min (2)",
    ]);
  });

  it("do not compare a setting that is refused itself", async (test) => {
    const problems = await problemsOf({
      cwd: configFolder(test),
      env: {},
      flags: flags({ "drain-deadline-ms": "-5" }),
    });
    assert.equal(problems.length, 1);
  });

  it("include a socket beside a host or port", async (test) => {
    const cwd = configFolder(test, { "remuda.config.json": '{"port": 80}' });
    const env = { REMUDA_SOCKET_PATH: "/run/web.sock", REMUDA_HOST: "::1" };
    const file = path.join(cwd, "remuda.config.json");
    const valid =
      "it must be left out when socketPath is given (from REMUDA_SOCKET_PATH)";
    assert.deepEqual(await problemsOf({ cwd, env }), [
      `host is "::1" (from REMUDA_HOST); ${valid}`,
      `port is 80 (from ${file}); ${valid}`,
    ]);
  });

  it("of a broken file do not hide those of other sources", async (test) => {
    const cwd = configFolder(test, { "remuda.config.json": "{" });
    const problems = await problemsOf({
      cwd,
      env: { REMUDA_PORT: "x" },
    });
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? "", /^config file ".*" fails: /);
    assert.match(problems[1] ?? "", /^port is "x"/);
  });

  it("cut a long value short", async (test) => {
    const flag = flags({ host: "", port: "9".repeat(500).concat("x") });
    const cwd = configFolder(test);
    for (const problem of await problemsOf({ cwd, env: {}, flags: flag })) {
      assert.ok(problem.length < 150, problem);
    }
  });
});

describe("loading: lists", () => {
  it("are texts with commas, or lists in the config file", async (test) => {
    const inFile = JSON.stringify({ shedExemptPaths: ["/up"] });
    const cwd = configFolder(test, { "remuda.config.json": inFile });
    const pathsOf = async (sources: Partial<SettingsSources>) => {
      const { settings } = await loadSettings({ cwd, env: {}, ...sources });
      return settings.shedExemptPaths;
    };
    assert.deepEqual(await pathsOf({}), ["/up"]);
    const env = { REMUDA_SHED_EXEMPT_PATHS: "/a,/b" };
    assert.deepEqual(await pathsOf({ env }), ["/a", "/b"]);
    const none = flags({ "shed-exempt-paths": "" });
    assert.deepEqual(await pathsOf({ env, flags: none }), []);
  });

  it("must hold what is valid", async (test) => {
    const env = { REMUDA_SHED_EXEMPT_PATHS: "/a,b,/c?d" };
    const cwd = configFolder(test, {
      "remuda.config.json": '{ "shedExemptPaths": ["/a", 5] }',
    });
    for (const sources of [{ env }, { env: {} }]) {
      const problems = await problemsOf({ cwd, ...sources });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /must be paths, each from \/ on/);
    }
  });
});

describe("loading: settings that need another one", () => {
  it("are refused without it", async (test) => {
    const cwd = configFolder(test);
    const env = { REMUDA_MAX_QUEUED_REQUESTS: "5" };
    assert.deepEqual(await problemsOf({ cwd, env }), [
      "maxQueuedRequests is 5 (from REMUDA_MAX_QUEUED_REQUESTS); it must be 0, " +
        "or given together with maxConcurrentRequests",
    ]);
    const both = { ...env, REMUDA_MAX_CONCURRENT_REQUESTS: "1" };
    assert.deepEqual(await problemsOf({ cwd, env: both }), []);
  });
});
