import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DaemonStatus } from "../../../src/cli/daemon/daemon-status.ts";
import { statusText } from "../../../src/cli/display/status-text.ts";
import { workerRates } from "../../../src/cli/display/worker-rates.ts";
import { aStatus, aWorker } from "./a-status.ts";

/** What stands behind a name in the first part. */
function said(status: DaemonStatus, name: string): string | undefined {
  const line = statusText(status)
    .split("\n")
    .find((each) => each.startsWith(`${name} `));
  return line?.slice(name.length).trim();
}

/** The rows of the table, by its titles. */
function rowsOf(text: string): Record<string, string>[] {
  const lines = text.split("\n\n")[1]?.trimEnd().split("\n") ?? [];
  const [titles = [], ...rows] = lines.map((line) => {
    return line.trim().split(/\s{2,}/);
  });
  return rows.map((cells) => {
    return Object.fromEntries(cells.map((cell, at) => [titles[at], cell]));
  });
}

describe("the status for people", () => {
  it("begins with what matters to all workers", () => {
    const status = aStatus();
    const of = (name: string) => said(status, name);
    assert.equal(of("remuda"), "1.2.3, pid 100, up 1m 06s, Node.js v24.0.0");
    assert.equal(of("state"), "running, ready: 1 of 1 workers are ready");
    assert.equal(of("app"), "/srv/app.js");
    assert.equal(of("listening"), "http://127.0.0.1:8080, balanced");
    assert.equal(of("workers"), "1 wanted, as configured");
    assert.equal(of("reload"), undefined);
  });

  it("says where it listens as a URL, or as the path of a socket", () => {
    const scheme = "https";
    const scheduling = "balanced";
    const atPort = { host: "::", port: 443, scheme, scheduling } as const;
    const onPort = aStatus({ listening: [atPort] });
    assert.equal(said(onPort, "listening"), "https://[::]:443, balanced");
    const socketPath = "/run/app.sock";
    const atPath = { socketPath, scheme, scheduling } as const;
    const onSocket = aStatus({ listening: [atPath] });
    assert.match(said(onSocket, "listening") ?? "", /^unix:\/run\/app\.sock/);
  });

  it("says what HAProxy's agent-check is told, where it may ask", () => {
    const answer = "up ready 87%\n";
    const agentCheck = { host: "127.0.0.1", port: 8081, answer };
    const text = said(aStatus({ agentCheck }), "agent check");
    assert.equal(text, '127.0.0.1:8081, says "up ready 87%"');
    assert.equal(said(aStatus(), "agent check"), undefined);
  });

  it("cannot be overlooked where it is not ready", () => {
    const readiness = "0 of 1 workers are ready";
    const status = aStatus({ isReady: false, readiness });
    assert.equal(said(status, "state"), `running, NOT READY: ${readiness}`);
  });

  it("shows the reload under way, and how the last one ended", () => {
    const roll = {
      generation: 4,
      phase: "replacing",
      replaced: 1,
      of: 2,
      seconds: 3.25,
      error: null,
    } as const;
    const at = "2026-01-02T03:04:05.678Z";
    const error = "app.js failed to load:\nbad\x1b[2J";
    const lastReload = { result: "failure", generation: 3, error, at } as const;
    const status = aStatus({ roll, lastReload });
    assert.equal(
      said(status, "reloading"),
      "to 4: 1 of 2 workers are new, for 3.3 s",
    );
    assert.equal(
      said(status, "reload"),
      `failure at ${at}: app.js failed to load: bad [2J`,
    );
  });

  it("says where a reload stands", () => {
    const roll = {
      generation: 4,
      replaced: 1,
      of: 2,
      seconds: 60,
      error: null,
    };
    const of = (given: Partial<NonNullable<DaemonStatus["roll"]>>) => {
      const status = aStatus({ roll: { ...roll, phase: "canary", ...given } });
      return said(status, "reloading");
    };
    assert.equal(of({}), "to 4: its first worker is on trial, for 1m 00s");
    assert.equal(
      of({ phase: "returning", error: "bad" }),
      "back from 4: 1 of 2, for 1m 00s: bad",
    );
  });

  it("says where an upgrade stands, and how the last one ended", () => {
    const upgrading = (upgrade: DaemonStatus["upgrade"]) => {
      return said(aStatus({ upgrade }), "upgrading");
    };
    const predecessorPid = null;
    assert.equal(upgrading({ state: "idle", predecessorPid }), undefined);
    assert.equal(
      upgrading({ state: "starting", predecessorPid }),
      "the new master is starting",
    );
    assert.equal(
      upgrading({ state: "idle", predecessorPid: 99 }),
      "the master before this one (99) is still leaving",
    );
    const at = "2026-01-02T03:04:05.678Z";
    const lastUpgrade = { result: "failure", at, error: "bad" } as const;
    assert.equal(
      said(aStatus({ lastUpgrade }), "upgrade"),
      `failure at ${at}: bad`,
    );
  });

  it("says that workers fail again and again, and of what", () => {
    const lastFailure = { reason: "crash", slot: 2, error: "bad" } as const;
    const degraded = { seconds: 90, failures: 7, lastFailure };
    assert.equal(
      said(aStatus({ degraded }), "DEGRADED"),
      "7 failures, for 1m 30s; the last: crash: bad",
    );
  });

  it("names the app as it was named, and the release behind a link", () => {
    const app = "/srv/current/app.js";
    const linked = aStatus({ app, appPath: "/srv/releases/7/app.js" });
    assert.equal(said(linked, "app"), `${app}, now /srv/releases/7/app.js`);
    const none = aStatus({ app: null, appPath: null });
    assert.equal(said(none, "app"), "the welcome app");
  });

  it("says who decides how many workers there are", () => {
    const scaling = { ...aStatus().scaling, min: 2, max: 8 };
    const auto = { ...scaling, mode: "auto", utilization: 0.43 } as const;
    assert.equal(
      said(aStatus({ scaling: auto }), "workers"),
      "1 wanted, 2 to 8 by their load, 43 % busy",
    );
    const byHand = { ...scaling, mode: "byHand" } as const;
    assert.match(
      said(aStatus({ scaling: byHand }), "workers") ?? "",
      /by hand/,
    );
  });

  it("has a row for each worker", () => {
    const other = aWorker({ slot: 2, pid: 20_000, state: "draining" });
    const workers = [aWorker(), other];
    const rows = rowsOf(statusText(aStatus({ workers })));
    assert.deepEqual(rows[0], {
      SLOT: "1",
      PID: "101",
      STATE: "ready",
      GEN: "1",
      UP: "1m 05s",
      CONNS: "3",
      ACTIVE: "1",
      REQUESTS: "1 200",
      CPU: "2.0 s",
      MEMORY: "50.0 MiB",
      LOOP: "25 %",
      HEARD: "400 ms",
      CHECKS: "-",
    });
    assert.equal(rows[1]?.PID, "20000");
    assert.equal(rows.length, 2);
  });

  it("says which worker is warming up", () => {
    const workers = [aWorker({ isWarmingUp: true })];
    const [row] = rowsOf(statusText(aStatus({ workers })));
    assert.equal(row?.STATE, "warming");
  });

  it("names the checks that fail", () => {
    const check = { ageSeconds: 1, failure: null };
    const pass = { ...check, name: "db", status: "pass" };
    const fail = { ...check, name: "disk", status: "fail" };
    const checksOf = (...checks: (typeof pass)[]) => {
      const workers = [aWorker({ checks })];
      return rowsOf(statusText(aStatus({ workers })))[0]?.CHECKS;
    };
    assert.equal(checksOf(pass), "pass");
    assert.equal(checksOf(pass, fail), "FAIL disk");
  });
});

describe("the rates between two looks", () => {
  const before = aStatus({ workers: [aWorker({ requests: 100 })] });
  const later = aWorker({ requests: 1_100, cpuSeconds: 3 });
  const fresh = aWorker({ pid: 102, requests: 50, cpuSeconds: 0.5 });

  it("are of each worker, and a new one began with nothing", () => {
    const now = aStatus({ workers: [later, fresh] });
    const rates = workerRates(before, now, 2);
    assert.deepEqual(
      rowsOf(statusText(now, rates)).map((row) => [row["REQ/S"], row.CPU]),
      [
        ["500", "50 %"],
        ["25", "25 %"],
      ],
    );
  });

  it("are shown of all workers together too", () => {
    const now = aStatus({ workers: [later, fresh] });
    const text = statusText(now, workerRates(before, now, 2));
    const load = "525 requests/s, 2 active, 6 connections, CPU 75 %, 100.0 MiB";
    assert.match(text, new RegExp(`^load +${load}$`, "m"));
    assert.equal(said(now, "load"), undefined);
  });

  it("are never negative", () => {
    const rates = workerRates(aStatus({ workers: [later] }), before, 1);
    assert.deepEqual([...rates.requestsPerSecond.values()], [0]);
  });
});
