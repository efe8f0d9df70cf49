import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCommandLine } from "../../../../src/cli/command-line/parse-command-line.ts";
import { withoutPassword } from "../../../../src/shared/config/checks/without-password.ts";
import { loadSettings } from "../../../../src/shared/config/load-settings.ts";
import { rateLimit } from "../../../../src/worker/middleware/rate-limit/rate-limit.ts";
import { configFolder } from "../config-folder.ts";

describe("a URL of Redis that is shown", () => {
  for (const [url, shown] of [
    ["redis://user:secret@host:6379/1", "redis://user:***@host:6379/1"],
    ["redis://:se:cr%40et@host", "redis://:***@host"],
    ["redis://secret@host:6379", "redis://***@host:6379"],
    ["rediss://host:6379?password=secret", "rediss://host:6379?***"],
    ["redis://host:6379", "redis://host:6379"],
    ["host:6379", "***"],
  ] as const) {
    it(`is ${shown}`, () => assert.equal(withoutPassword(url), shown));
  }
});

/** Each has the password "secret", or a piece of it where another part is. */
const MISTYPED = [
  "secret",
  "redis//:secret@host",
  "redis:/:secret@host",
  "redis://:secret",
  "redis://user:secret",
  "redis://:secret#1@host",
  "redis://user:12#secret@host",
  "redis://user:12?secret@host",
  "redis://user:12/secret@host",
  "redis://:sec%ret@host",
  "redis://:sec\nret@host/x",
  "http://secret@host",
  "redis://user:secret@",
  "://:secret@host",
];

const hasSecret = (text: string) => /secret|sec%ret|sec\\?n?ret/.test(text);

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => assert.fail("it was taken"),
    (reason: Error) => reason,
  );
  return `${error.message} ${error.stack}`;
}

describe("the password of a mistyped URL is not told", () => {
  it("where it is a setting, by variable or file", async (t) => {
    for (const url of MISTYPED) {
      const env = { REMUDA_RATE_LIMIT_REDIS_URL: url };
      const said = await refusal(loadSettings({ cwd: configFolder(t), env }));
      assert.match(said, /redisUrl is not shown \(from REMUDA_/);
      assert.ok(!hasSecret(said), said);
      const config = JSON.stringify({ rateLimit: { redisUrl: [url] } });
      const cwd = configFolder(t, { "remuda.config.json": config });
      const ofFile = await refusal(loadSettings({ cwd, env: {} }));
      assert.ok(!hasSecret(ofFile), ofFile);
    }
  });

  it("where it is in another setting, or for the app", async (t) => {
    const url = `redis://user:${"x".repeat(60)}secret@host`;
    // A temporary folder has six random characters in its name.
    const isTold = (text: string) => /secret|x{7}/.test(text);
    for (const env of [
      { REMUDA_PORT: url },
      { REMUDA_APP: url },
      { REMUDA_WORKERS: url },
      { REMUDA_TLS_CERT_FILE: url, REMUDA_TLS_KEY_FILE: url },
    ]) {
      const said = await refusal(loadSettings({ cwd: configFolder(t), env }));
      assert.ok(!isTold(said), said);
    }
    const config = JSON.stringify({ rateLimit: url, [url]: 1 });
    const cwd = configFolder(t, { "remuda.config.json": config });
    const said = await refusal(loadSettings({ cwd, env: {} }));
    assert.ok(!isTold(said), said);
  });

  it("where it is an argument of a command", () => {
    const url = "redis://:secret@host";
    for (const args of [
      [url],
      ["start", "app.js", url],
      ["start", `--redis-url=${url}`],
      ["start", `--rate-limit-redis-url-${url}`],
      ["scale", url],
    ]) {
      assert.throws(
        () => parseCommandLine(args),
        (error: Error) => !hasSecret(`${error.message} ${error.stack}`),
        args.join(" "),
      );
    }
  });

  it("where it is an option of rateLimit()", () => {
    for (const redisUrl of MISTYPED) {
      assert.throws(
        () => rateLimit({ max: 1, redisUrl }),
        (error: Error) => !hasSecret(error.message),
        redisUrl,
      );
    }
  });
});
