import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settingList } from "../../../src/shared/config/setting-list.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";

function setting(path: string) {
  return settingList.find((each) => each.path === path);
}

describe("the list of settings", () => {
  it("names a nested setting by its path", () => {
    const linger = setting("drain.lingerMs");
    assert.equal(linger?.envName, "REMUDA_DRAIN_LINGER_MS");
    assert.equal(linger?.flagName, "drain-linger-ms");
    assert.equal(linger?.kind, "integer");
    assert.equal(linger?.defaultValue, 5_000);
  });

  it("tells the kinds apart", () => {
    assert.equal(setting("app")?.kind, "string");
    assert.equal(setting("app")?.isPath, true);
    assert.equal(setting("workers")?.kind, "integer");
    const mark = setting("autoscale.upUtilization");
    assert.equal(mark?.kind, "number");
    assert.equal(setting("scheduling")?.kind, "choice");
    assert.equal(setting("showStackTraces")?.kind, "boolean");
    assert.equal(setting("shedExemptPaths")?.kind, "list");
  });

  it("holds every setting of the schema", () => {
    const keys = settingList.map(({ path }) => path.split(".")[0]);
    assert.deepEqual(new Set(keys), new Set(Object.keys(settingsSchema.shape)));
  });

  it("gives no two settings one name, and none the name of a command flag", () => {
    const flags = settingList.map((each) => each.flagName);
    const taken = [...flags, "config", "help", "version"];
    assert.equal(new Set(taken).size, taken.length);
    const variables = settingList.map((each) => each.envName);
    assert.equal(new Set(variables).size, variables.length);
    assert.ok(!variables.includes("REMUDA_CONFIG"));
  });

  it("lets only the server name be empty", () => {
    const paths = settingList.filter((each) => each.canBeEmpty);
    assert.deepEqual(
      paths.map((each) => each.path),
      ["serverName"],
    );
  });
});
