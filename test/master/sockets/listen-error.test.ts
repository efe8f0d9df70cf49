import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  listenerSettings,
  masterPortSettings,
  toListenError,
} from "../../../src/master/sockets/listen-error.ts";
import { loadSettings } from "../../../src/shared/config/load-settings.ts";
import { configFolder } from "../../shared/config/config-folder.ts";

const inUse = Object.assign(new Error("in use"), { code: "EADDRINUSE" });

describe("the settings of an address", () => {
  it("are said with where they are from, and their flag", async (t) => {
    const env = { REMUDA_ADMIN_PORT: "81" };
    const loaded = await loadSettings({ cwd: configFolder(t), env });
    assert.equal(
      listenerSettings(loaded, 0).port,
      "port (the default), its flag --port",
    );
    const admin = masterPortSettings("admin", loaded.origins);
    assert.equal(
      admin.port,
      "admin.port (from REMUDA_ADMIN_PORT), its flag --admin-port",
    );
    assert.equal(
      toListenError({ host: "::1", port: 81 }, inUse, admin).message,
      "cannot listen on [::1]:81: the address is in use (EADDRINUSE); the " +
        `setting is ${admin.port}`,
    );
  });

  it("are those of its entry where there is a list", async (t) => {
    const listen = [
      { port: 80 },
      { host: "::1", port: 81 },
      { socketPath: "/x" },
    ];
    const cwd = configFolder(t, {
      "remuda.config.json": JSON.stringify({ listen }),
    });
    const loaded = await loadSettings({ cwd, env: {} });
    const file = `(from ${cwd}/remuda.config.json)`;
    const [first, second, third] = [0, 1, 2].map((index) => {
      return listenerSettings(loaded, index);
    });
    assert.equal(first?.port, `listen[0].port ${file}`);
    assert.equal(first?.host, "listen[0].host (the default)");
    assert.equal(second?.host, `listen[1].host ${file}`);
    assert.equal(second?.port, `listen[1].port ${file}`);
    assert.equal(third?.socketPath, `listen[2].socketPath ${file}`);
  });
});
