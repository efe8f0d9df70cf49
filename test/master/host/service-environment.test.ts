import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeServiceEnvironment } from "../../../src/master/host/service-environment.ts";

const PID = 42;

const take = (env: NodeJS.ProcessEnv) => takeServiceEnvironment(env, PID);

describe("the environment of a service", () => {
  it("is removed, so that no worker has it", () => {
    const env = {
      NOTIFY_SOCKET: "/run/notify",
      WATCHDOG_USEC: "30000000",
      WATCHDOG_PID: "42",
      LISTEN_FDS: "2",
      LISTEN_PID: "42",
      LISTEN_PIDFDID: "7",
      LISTEN_FDNAMES: "a:b",
      HOME: "/root",
    };
    take(env);
    assert.deepEqual(env, { HOME: "/root" });
  });

  it("says where to notify, and how often", () => {
    const taken = take({ NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "30000000" });
    assert.equal(taken.notifySocket, "@n");
    assert.equal(taken.watchdogIntervalMs, 15_000);
  });

  it("has no watchdog for another process", () => {
    const taken = take({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "41" });
    assert.equal(taken.watchdogIntervalMs, undefined);
  });

  it("has no watchdog where the interval makes no sense", () => {
    for (const WATCHDOG_USEC of ["", "0", "-5", "soon"]) {
      assert.equal(take({ WATCHDOG_USEC }).watchdogIntervalMs, undefined);
    }
  });

  it("has sockets for this process only", () => {
    const given = { LISTEN_FDS: "2", LISTEN_FDNAMES: "web:admin" };
    const own = take({ ...given, LISTEN_PID: "42" });
    assert.equal(own.activatedSockets, 2);
    assert.deepEqual(own.activatedNames, ["web", "admin"]);
    for (const LISTEN_PID of ["41", undefined]) {
      const other = take({ ...given, LISTEN_PID });
      assert.equal(other.activatedSockets, 0);
      assert.deepEqual(other.activatedNames, []);
    }
  });

  it("goes to the next master without the pid of this one", () => {
    const env = {
      NOTIFY_SOCKET: "/run/notify",
      WATCHDOG_USEC: "30000000",
      WATCHDOG_PID: "42",
      LISTEN_FDS: "1",
      LISTEN_PID: "42",
    };
    assert.deepEqual(take(env).forNextMaster, {
      NOTIFY_SOCKET: "/run/notify",
      WATCHDOG_USEC: "30000000",
    });
    assert.deepEqual(take({}).forNextMaster, {});
  });
});
