import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import type { z } from "zod";
import { settingsWarnings } from "../../../../src/shared/config/checks/settings-warnings.ts";
import { settingsSchema } from "../../../../src/shared/config/settings.ts";
import { configFolder } from "../config-folder.ts";

function warningsOf(
  given: z.input<typeof settingsSchema>,
  origins: Readonly<Record<string, string>> = {},
): string[] {
  const settings = settingsSchema.parse(given);
  return settingsWarnings({
    settings,
    origins: new Map(Object.entries(origins)),
  });
}

describe("a warning about the settings", () => {
  it("is not given for the defaults", () => {
    assert.deepEqual(warningsOf({}), []);
  });

  it("tells of a drain that ends before the balancer gives up", () => {
    assert.deepEqual(warningsOf({ loadBalancerIdleMs: 60_000 }), [
      "drain.deadlineMs is 20000 (the default); a drain ends before the " +
        "balancer gives up idle connections (loadBalancerIdleMs is 60000), " +
        "and may lose a request on one; 61000 would do",
    ]);
  });

  it("is of the listener whose balancer is the most patient", () => {
    const listen = [
      { port: 1, loadBalancerIdleMs: 30_000 },
      { port: 2, loadBalancerIdleMs: 50_000 },
      { port: 3 },
    ];
    const origins = { "drain.deadlineMs": "REMUDA_DRAIN_DEADLINE_MS" };
    const drain = { deadlineMs: 31_000 };
    const [warning, ...others] = warningsOf({ listen, drain }, origins);
    assert.deepEqual(others, []);
    assert.match(String(warning), /is 31000 \(from REMUDA_DRAIN_DEADLINE_MS\)/);
    assert.match(String(warning), /; 51000 would do$/);
  });

  it("is not given where the drain is long enough", () => {
    const drain = { deadlineMs: 61_000 };
    assert.deepEqual(warningsOf({ loadBalancerIdleMs: 60_000, drain }), []);
  });

  it("tells of more connections than there are descriptors", () => {
    const [warning, ...others] = warningsOf({ maxConnections: 100_000_000 });
    assert.deepEqual(others, []);
    assert.match(
      String(warning),
      /^maxConnections is 100000000 \(.+\); with \d+ descriptors .* serve \d+,/,
    );
    for (const maxConnections of ["auto", 0, 1] as const) {
      assert.deepEqual(warningsOf({ maxConnections }), []);
    }
  });

  it("tells of private keys that all users can read", (t) => {
    const folder = configFolder(t, { key: "", tickets: "", cert: "" });
    const [keyFile, ticketKeyFile, certFile] = ["key", "tickets", "cert"].map(
      (name) => path.join(folder, name),
    );
    const tls = { certFile, keyFile, ticketKeyFile };
    const listen = [{ port: 1 }, { port: 2, tls: { certFile, keyFile } }];
    const warnings = () => warningsOf({ tls, listen });
    const mends = "can be read by all users; chmod 600 (or 640) mends that";
    chmodSync(folder, 0o755);
    chmodSync(path.join(folder, "key"), 0o644);
    chmodSync(path.join(folder, "tickets"), 0o604);
    assert.deepEqual(warnings(), [
      `tls.keyFile "${keyFile}" ${mends}`,
      `tls.ticketKeyFile "${ticketKeyFile}" ${mends}`,
    ]);
    chmodSync(path.join(folder, "tickets"), 0o640);
    assert.equal(warnings().length, 1);
    chmodSync(folder, 0o750);
    assert.deepEqual(warnings(), [], "its folder keeps them away");
  });
});
