import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { SettingsError } from "../../../../src/shared/config/checks/settings-error.ts";
import { listenersOf } from "../../../../src/shared/config/listeners-of.ts";
import { loadSettings } from "../../../../src/shared/config/load-settings.ts";
import { configFolder } from "../config-folder.ts";

const FILE = "remuda.config.json";

function load(t: TestContext, content: object, env: NodeJS.ProcessEnv = {}) {
  const cwd = configFolder(t, { [FILE]: JSON.stringify(content) });
  return loadSettings({ cwd, env });
}

/** What is said of a file that is refused. */
async function complaint(t: TestContext, content: object): Promise<string> {
  const error = await load(t, content).catch((reason: unknown) => reason);
  assert.ok(error instanceof SettingsError, "it is accepted");
  return error.message.replaceAll(/ \(from [^)]*\)/g, "");
}

describe("what a listener knows of its load balancer", () => {
  it("is by default nothing: nobody's word is taken", async (t) => {
    const { settings } = await load(t, {});
    const { forwarding } = listenersOf(settings)[0] ?? assert.fail();
    assert.deepEqual(forwarding.trustProxy, []);
    assert.equal(forwarding.proxyProtocol, "refused");
    assert.equal(forwarding.loadBalancerIdleMs, 0);
    assert.equal(forwarding.readinessPath, undefined);
  });

  it("comes from the entry, or else from outside the list", async (t) => {
    const { settings } = await load(t, {
      trustProxy: ["10.0.0.0/8"],
      listen: [{ port: 1 }, { port: 2, trustProxy: ["unix"] }],
    });
    const trusted = listenersOf(settings).map(
      ({ forwarding }) => forwarding.trustProxy,
    );
    assert.deepEqual(trusted, [["10.0.0.0/8"], ["unix"]]);
  });

  it("is a list with commas in a variable", async (t) => {
    const env = { REMUDA_TRUST_PROXY: "10.0.0.0/8,2001:db8::/32" };
    const { settings } = await load(t, {}, env);
    assert.deepEqual(settings.trustProxy, ["10.0.0.0/8", "2001:db8::/32"]);
  });

  it("refuses what is no network, and says where", async (t) => {
    const ofAll = await complaint(t, { trustProxy: ["10.0.0.0/33"] });
    assert.match(ofAll, /trustProxy is .*; it must be a list of addresses/);
    const listen = [{ port: 1, trustProxy: ["example.org"] }];
    const ofOne = await complaint(t, { listen });
    assert.match(ofOne, /listen\[0\]\.trustProxy is .* it must be a list of/);
  });

  it("refuses to read both families of forwarded fields", async (t) => {
    const forwardedFields = ["Forwarded", "X-Forwarded-For"];
    assert.match(
      await complaint(t, { forwardedFields }),
      /forwardedFields is .* or Forwarded alone/,
    );
  });

  it("refuses PROXY headers of anybody", async (t) => {
    assert.match(
      await complaint(t, { proxyProtocol: "required" }),
      /proxyProtocol is "required"; it must be given together with trustProxy/,
    );
  });

  for (const keepAliveTimeoutMs of [60_000, 59_999]) {
    it(`refuses ${keepAliveTimeoutMs} ms beside 60 s of the balancer`, async (t) => {
      const given = { keepAliveTimeoutMs, loadBalancerIdleMs: 60_000 };
      const text = `keepAliveTimeoutMs is ${keepAliveTimeoutMs}; it must be longer than loadBalancerIdleMs (60000)`;
      assert.equal(await complaint(t, given), text);
      const listen = [{ port: 1, ...given }];
      assert.equal(await complaint(t, { listen }), `listen[0].${text}`);
    });
  }

  it("accepts a keep-alive time that is longer", async (t) => {
    const given = { keepAliveTimeoutMs: 60_001, loadBalancerIdleMs: 60_000 };
    const { settings } = await load(t, given);
    assert.equal(settings.loadBalancerIdleMs, 60_000);
  });

  it("is told once of what several listeners share", async (t) => {
    const listen = [{ port: 1 }, { port: 2 }];
    const text = await complaint(t, { loadBalancerIdleMs: 80_000, listen });
    assert.equal(text.split("\n").length, 1);
  });
});
