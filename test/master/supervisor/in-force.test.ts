import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  inForce,
  silentLoss,
} from "../../../src/master/supervisor/in-force.ts";
import type { LoadedSettings } from "../../../src/shared/config/load-settings.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";

const TLS = { certFile: "/a.pem", keyFile: "/a.key" };
const FILE = "/srv/remuda.config.js";

function loaded(given: object, more: Partial<LoadedSettings> = {}) {
  return {
    settings: settingsSchema.parse(given),
    origins: new Map(),
    configFile: FILE,
    hasEmptyConfig: false,
    configOutput: "",
    cwd: "/srv",
    ...more,
  } satisfies LoadedSettings;
}

/** Returns the reported loss if `other` replaces `one`. */
function loss(one: object, other: object, more: Partial<LoadedSettings> = {}) {
  return silentLoss(inForce(loaded(one)), loaded(other, more));
}

describe("settings that follow others", () => {
  it("may be the same, or change what there is", () => {
    const one = { app: "/a.js", tls: TLS };
    assert.equal(loss(one, one), undefined);
    const renewed = { certFile: "/b.pem", keyFile: "/b.key" };
    const other = { app: "/b.js", port: 1, tls: renewed };
    assert.equal(loss(one, other), undefined);
    assert.equal(loss({}, { listen: [{ port: 1, tls: TLS }] }), undefined);
  });

  it("may have another config file, or the first one", () => {
    const configFile = "/srv/remuda.config.json";
    assert.equal(loss({}, {}, { configFile }), undefined);
    const before = inForce(loaded({}, { configFile: undefined }));
    assert.equal(silentLoss(before, loaded({})), undefined);
  });

  it("must not be without a config file where there was one", () => {
    const says = loss({}, {}, { configFile: undefined });
    assert.match(
      says ?? "",
      /^config file "\/srv\/remuda\.config\.js" is gone/,
    );
  });

  it("must not be without the app", () => {
    assert.match(loss({ app: "/a.js" }, {}) ?? "", /no app any more.*\/a\.js/);
  });

  it("must not be without TLS", () => {
    assert.match(loss({ tls: TLS }, {}) ?? "", /^TLS of 127\.0\.0\.1:8080/);
    assert.match(loss({ tls: TLS }, { port: 1 }) ?? "", /^TLS of .*:8080/);
    const listen = [
      { port: 1, tls: TLS },
      { port: 2, tls: TLS },
    ];
    const second = [{ port: 1 }, { port: 2, tls: TLS }];
    assert.match(loss({ listen }, { listen: second }) ?? "", /^TLS of .*:1 /);
    // A listener that is gone keeps its TLS until a restart.
    const one = [{ port: 2, tls: TLS }];
    assert.equal(loss({ listen }, { listen: one }), undefined);
  });

  it("may be without TLS where they say so", () => {
    const listen = [{ port: 1, tls: false }];
    assert.equal(loss({ port: 1, tls: TLS }, { listen }), undefined);
    assert.equal(loss({ port: 2, tls: TLS }, { listen }), undefined);
  });

  it("may be without anything where the config file is empty", () => {
    const empty = { hasEmptyConfig: true };
    assert.equal(loss({ app: "/a.js", tls: TLS }, {}, empty), undefined);
    const none = { configFile: undefined, ...empty };
    assert.equal(loss({ app: "/a.js", tls: TLS }, {}, none), undefined);
  });
});
