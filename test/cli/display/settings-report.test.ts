import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settingsReport } from "../../../src/cli/display/settings-report.ts";
import { loadSettings } from "../../../src/shared/config/load-settings.ts";
import { configFolder } from "../../shared/config/config-folder.ts";

const withUrl = (url: string) => ({ REMUDA_RATE_LIMIT_REDIS_URL: url });

describe("a setting that may hold a password", () => {
  it("is shown without it", async (test) => {
    const url = "redis://user:secret@redis.example:6379";
    const loaded = await loadSettings({
      cwd: configFolder(test),
      env: withUrl(url),
    });
    assert.equal(loaded.settings.rateLimit.redisUrl, url);
    const report = settingsReport(loaded);
    assert.match(report, /"redis:\/\/user:\*\*\*@redis.example:6379"/);
    assert.ok(!report.includes("secret"));
  });

  it("is refused without telling it", async (test) => {
    const cwd = configFolder(test);
    const env = withUrl("http://user:secret@redis.example");
    await assert.rejects(loadSettings({ cwd, env }), (error: Error) => {
      assert.match(
        error.message,
        /redisUrl is not shown \(from REMUDA_.*; it must be a URL, redis:/,
      );
      assert.ok(!error.message.includes("secret"));
      return true;
    });
  });
});
