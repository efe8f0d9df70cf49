import assert from "node:assert/strict";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { settingsReport } from "../../../src/cli/display/settings-report.ts";
import { SettingsError } from "../../../src/shared/config/checks/settings-error.ts";
import { listenersOf } from "../../../src/shared/config/listeners-of.ts";
import { loadSettings } from "../../../src/shared/config/load-settings.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import { tlsFixture } from "../../support/tls-fixtures.ts";
import { configFolder } from "./config-folder.ts";

const FILE = "remuda.config.json";
const TLS = {
  certFile: tlsFixture("server.pem"),
  keyFile: tlsFixture("server.key"),
};

/** The settings that a config file holds. */
async function load(
  t: TestContext,
  content: object,
  env: NodeJS.ProcessEnv = {},
) {
  const cwd = configFolder(t, { [FILE]: JSON.stringify(content) });
  return { cwd, loaded: await loadSettings({ cwd, env }) };
}

async function listenersIn(t: TestContext, content: object) {
  const { loaded } = await load(t, content);
  return listenersOf(loaded.settings);
}

/** What is said of a file that is refused, a line for each problem. */
async function complaints(
  t: TestContext,
  content: object,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const error = await load(t, content, env).then(
    () => assert.fail("it is accepted"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SettingsError);
  const from = / \(from [^)]*remuda\.config\.json\)/g;
  return error.message.replaceAll(from, "").split("\n");
}

describe("the listeners there should be", () => {
  it("are the one outside the list, where there is none", () => {
    const settings = settingsSchema.parse({ port: 80, backlog: 7 });
    const [only, ...others] = listenersOf(settings);
    assert.deepEqual(others, []);
    assert.deepEqual(only?.address, { host: "127.0.0.1", port: 80 });
    assert.equal(only?.backlog, 7);
    assert.equal(only?.scheduling, "balanced");
    assert.deepEqual(only?.tls, settings.tls);
    assert.equal(only?.timeouts.headTimeoutMs, settings.headTimeoutMs);
  });

  it("may be one unix socket with a mode", () => {
    const given = { socketPath: "/run/a.sock", socketMode: "0660" };
    const [only] = listenersOf(settingsSchema.parse(given));
    const address = { socketPath: "/run/a.sock", mode: "0660" };
    assert.deepEqual(only?.address, address);
  });

  it("are those of the list, with what each says", async (t) => {
    const [one, other] = await listenersIn(t, {
      listen: [
        { port: 80, keepAliveTimeoutMs: 5, scheduling: "shared" },
        { host: "::", port: 80, ipv6Only: true, backlog: 3 },
      ],
    });
    assert.deepEqual(one?.address, { host: "127.0.0.1", port: 80 });
    assert.equal(one?.timeouts.keepAliveTimeoutMs, 5);
    assert.equal(one?.scheduling, "shared");
    const address = { host: "::", port: 80, ipv6Only: true };
    assert.deepEqual(other?.address, address);
    assert.equal(other?.timeouts.keepAliveTimeoutMs, 75_000);
    assert.equal(other?.scheduling, "balanced");
    assert.equal(other?.backlog, 3);
  });

  it("take from outside the list what they leave out", async (t) => {
    const listeners = await listenersIn(t, {
      ...{ backlog: 9, scheduling: "shared", writeTimeoutMs: 4 },
      tls: { ...TLS, minVersion: "TLSv1.3" },
      listen: [
        { port: 1 },
        { port: 2, tls: { minVersion: "TLSv1.2" } },
        { port: 3, tls: false },
      ],
    });
    for (const { backlog, scheduling, timeouts } of listeners) {
      assert.deepEqual([backlog, scheduling], [9, "shared"]);
      assert.equal(timeouts.writeTimeoutMs, 4);
    }
    const [all, some, none] = listeners.map(({ tls }) => tls);
    assert.deepEqual(
      [all?.certFile, all?.minVersion],
      [TLS.certFile, "TLSv1.3"],
    );
    assert.deepEqual(
      [some?.keyFile, some?.minVersion],
      [TLS.keyFile, "TLSv1.2"],
    );
    assert.deepEqual([none?.certFile, none?.keyFile], [undefined, undefined]);
  });

  it("have paths that start in the folder of the file", async (t) => {
    const content = { listen: [{ socketPath: "run/a.sock" }] };
    const { cwd, loaded } = await load(t, content);
    const [only] = listenersOf(loaded.settings);
    const socketPath = path.join(cwd, "run/a.sock");
    assert.deepEqual(only?.address, { socketPath });
  });

  it("are shown setting by setting", async (t) => {
    const content = { listen: [{ port: 1 }, { port: 2, tls: false }] };
    const { cwd, loaded } = await load(t, content);
    const rows = settingsReport(loaded)
      .split("\n")
      .filter((line) => line.startsWith("listen"))
      .map((line) => line.split(/\s{2,}/));
    const file = path.join(cwd, FILE);
    assert.deepEqual(rows, [
      ["listen[0].port", "1", file],
      ["listen[1].port", "2", file],
      ["listen[1].tls", "false", file],
    ]);
  });
});

describe("a list of listeners is refused", () => {
  const INTEGER = "it must be an integer, 0 to 65535";

  it("with the entry that is wrong, and what would be right", async (t) => {
    const listen = [
      { port: "x" },
      5,
      { port: 1, tls: true },
      { port: 2, tls: { minVersion: "x" } },
      { port: 3, scheduling: "x" },
      { socketPath: "a", mode: 432 },
    ];
    assert.deepEqual(await complaints(t, { listen }), [
      `listen[0].port is "x"; ${INTEGER}`,
      "listen[1] is 5; it must be an object with port or socketPath",
      "listen[2].tls is true; " +
        "it must be an object with certFile and keyFile, or false",
      'listen[3].tls.minVersion is "x"; it must be one of TLSv1.2, TLSv1.3',
      'listen[4].scheduling is "x"; it must be one of balanced, shared',
      'listen[5].mode is 432; it must be an octal number as a text, as "0660"',
    ]);
  });

  it("with the name that was meant", async (t) => {
    const listen = [{ prot: 1 }, { port: 1, tls: { certfile: "a" } }];
    assert.deepEqual(await complaints(t, { listen }), [
      "there is no setting listen[0].prot; did you mean listen[0].port?",
      "there is no setting listen[1].tls.certfile; " +
        "did you mean listen[1].tls.certFile?",
    ]);
  });

  it("where it is none", async (t) => {
    assert.deepEqual(await complaints(t, { listen: { port: 80 } }), [
      "listen is { port: 80 }; " +
        "it must be a list of objects, each with port or socketPath",
    ]);
  });

  it("with an entry that has no address, or two", async (t) => {
    const listen = [{ host: "::" }, { socketPath: "a", port: 1 }];
    const [none, two, ...more] = await complaints(t, { listen });
    assert.equal(
      none,
      "listen[0] is { host: '::' }; it must be an object with port or socketPath",
    );
    assert.equal(
      two,
      "listen[1].port is 1; it must be left out where socketPath is given",
    );
    assert.deepEqual(more, []);
  });

  it("with half of a certificate, which would be none", async (t) => {
    const listen = [{ port: 1, tls: { certFile: TLS.certFile } }];
    const [only] = await complaints(t, { listen });
    assert.match(only ?? "", /^listen\[0\]\.tls is .* certFile and keyFile/);
  });

  it("with files that cannot be used, each once", async (t) => {
    const listen = [
      { port: 1 },
      { port: 2 },
      { port: 3, tls: { certFile: "/no/cert.pem" } },
    ];
    const tls = { ...TLS, keyFile: "/no/key.pem" };
    assert.deepEqual(await complaints(t, { tls, listen }), [
      'tls.keyFile "/no/key.pem" does not exist',
      'listen[2].tls.certFile "/no/cert.pem" does not exist',
    ]);
  });

  it("with an address twice, unless any port will do", async (t) => {
    const twice = [{ port: 1 }, { host: "127.0.0.1", port: 1 }];
    const paths = [{ socketPath: "a" }, { socketPath: "./a" }];
    const any = [{ port: 0 }, { port: 0 }];
    const listen = [...twice, ...paths, ...any];
    const [first, second, ...more] = await complaints(t, { listen });
    assert.match(
      first ?? "",
      /^listen\[1\] .* another address than listen\[0\]$/,
    );
    assert.match(
      second ?? "",
      /^listen\[3\] .* another address than listen\[2\]$/,
    );
    assert.deepEqual(more, []);
  });

  it('with "::" and "0.0.0.0" on one port, but for ipv6Only', async (t) => {
    const ipv4 = { host: "0.0.0.0", port: 1 };
    const listen = [{ host: "::", port: 1 }, ipv4];
    const [only] = await complaints(t, { listen });
    assert.match(only ?? "", /^listen\[1\] .* the one with "::" has ipv6Only$/);
    const apart = [{ host: "::", port: 1, ipv6Only: true }, ipv4];
    assert.equal((await listenersIn(t, { listen: apart })).length, 2);
  });

  it("beside an address outside it", async (t) => {
    const env = { REMUDA_PORT: "80" };
    assert.deepEqual(await complaints(t, { listen: [{ port: 1 }] }, env), [
      "port is 80 (from REMUDA_PORT); " +
        "it must be left out, or in the list, when listen is given",
    ]);
  });

  it("as a variable: there is none", async (t) => {
    const env = { REMUDA_LISTEN: "80" };
    const [only] = await complaints(t, {}, env);
    assert.match(only ?? "", /^there is no setting REMUDA_LISTEN/);
  });
});
