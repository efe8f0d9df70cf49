import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reloadable } from "../../../src/master/supervisor/in-force.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";

const running = settingsSchema.parse({ port: 8080, admin: { port: 9090 } });

describe("the settings of a reload", () => {
  it("are the wanted ones", () => {
    const wanted = settingsSchema.parse({
      app: "/srv/app.js",
      workers: 3,
      drain: { lingerMs: 7 },
      logLevel: "debug",
    });
    const { settings, ignored } = reloadable(running, wanted);
    for (const name of ["app", "workers", "drain", "logLevel"] as const) {
      assert.deepEqual(settings[name], wanted[name]);
    }
    assert.deepEqual(ignored, []);
  });

  it("keep what the sockets were opened with, and name what changed", () => {
    const wanted = settingsSchema.parse({
      logFile: "/var/log/app.log",
      logFormat: "json",
      host: "0.0.0.0",
      port: 80,
      backlog: 1,
      scheduling: "shared",
      admin: { port: 9091 },
      serverName: "other",
    });
    const { settings, ignored } = reloadable(running, wanted);
    const names = [
      ...["logFile", "logFormat", "host", "port", "backlog", "scheduling"],
      "admin.port",
    ];
    assert.deepEqual(ignored, names);
    for (const name of ["host", "port", "backlog", "scheduling"] as const) {
      assert.equal(settings[name], running[name]);
    }
    assert.deepEqual(settings.admin, running.admin);
    assert.equal(settings.serverName, "other");
  });

  it("have a new token for the admin port", () => {
    const admin = { port: 9091, tokenFile: "/run/secrets/token" };
    const wanted = settingsSchema.parse({ admin });
    const { settings, ignored } = reloadable(running, wanted);
    assert.deepEqual(ignored, ["admin.port"]);
    assert.deepEqual(settings.admin, {
      ...running.admin,
      ...admin,
      port: 9090,
    });
  });

  it("cannot move from a port to a unix socket, or back", () => {
    const onSocket = settingsSchema.parse({ socketPath: "/run/a.sock" });
    const toSocket = reloadable(running, onSocket);
    assert.deepEqual(toSocket.ignored, ["socketPath"]);
    assert.equal(toSocket.settings.socketPath, undefined);
    const back = reloadable(onSocket, running);
    assert.deepEqual(back.ignored, ["socketPath"]);
    assert.equal(back.settings.socketPath, "/run/a.sock");
  });
});
