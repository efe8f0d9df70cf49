import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  AdminStream,
  StreamClient,
} from "../../../src/master/admin/admin-server.ts";
import {
  type ControlActions,
  controlRoutes,
  type Ending,
} from "../../../src/master/admin/control.ts";
import type { LevelChange } from "../../../src/master/admin/read-log-level.ts";
import type { LogQuery } from "../../../src/master/logs/log-streams.ts";
import type { ReloadEnd } from "../../../src/master/supervisor/rollout/reload-outcome.ts";
import type {
  ControlAction,
  ControlProgress,
} from "../../../src/shared/control/control-answer.ts";
import { deferred } from "../../support/deferred.ts";

const PROGRESS: ControlProgress = {
  slot: 1,
  pid: 7,
  generation: 2,
  ready: 1,
  wanted: 2,
};

const NO_LINES: AdminStream = {
  ...{ status: 200, contentType: "application/x-ndjson" },
  body: async (write) => {
    write('{"msg":"a line"}\n');
  },
};

const NO_CLIENT: StreamClient = {
  ...{ signal: new AbortController().signal, unsentBytes: 0 },
  onDrain: () => {},
};

/** Actions that note what was asked, and end when the test says so. */
class FakeActions implements ControlActions {
  readonly asked: string[] = [];
  readonly reloaded = deferred<ReloadEnd>();
  readonly upgraded = deferred<Ending>();
  readonly stopped = deferred<Ending>();
  readonly listeners = new Set<(progress: ControlProgress) => void>();
  readonly refuses: Partial<Record<ControlAction, string>>;

  constructor(refuses: Partial<Record<ControlAction, string>> = {}) {
    this.refuses = refuses;
  }

  refusal(action: ControlAction) {
    return this.refuses[action];
  }

  reload() {
    this.asked.push("reload");
    return this.reloaded.promise;
  }

  upgrade() {
    this.asked.push("upgrade");
    return this.upgraded.promise;
  }

  scaleTo(workers: number) {
    this.asked.push(`scale to ${workers}`);
    return Math.min(workers, 8);
  }

  stop(how: string) {
    this.asked.push(`stop ${how}`);
    return this.stopped.promise;
  }

  reopenLogs() {
    this.asked.push("reopen logs");
    return { result: "success" } as const;
  }

  setLogLevel({ level = "info", forMs }: LevelChange) {
    this.asked.push(`log level ${level} for ${forMs}`);
    return { level, configured: "info", secondsLeft: null } as const;
  }

  logs(query: LogQuery): AdminStream | string {
    this.asked.push(`logs ${JSON.stringify(query)}`);
    return this.refuses.logs ?? NO_LINES;
  }

  onProgress(listener: (progress: ControlProgress) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** The status, and the lines of the answer as JSON. */
async function post(actions: ControlActions, target: string) {
  const [path = "", search] = target.split("?");
  const action = controlRoutes(actions).get(`/control/${path}`);
  assert.ok(action, path);
  const query = new URLSearchParams(search);
  const answer = await action({ method: "POST", path, query, headers: {} });
  let text = "";
  if (typeof answer.body === "string") text = answer.body;
  else {
    await answer.body((more) => {
      text += more;
      return true;
    }, NO_CLIENT);
  }
  const isOne = answer.contentType === "application/json";
  const lines = isOne ? [text] : text.trimEnd().split("\n");
  return [answer.status, ...lines.map((line) => JSON.parse(line))];
}

describe("a control call", () => {
  it("is answered at once unless it waits", async () => {
    const actions = new FakeActions();
    assert.deepEqual(await post(actions, "reload"), [
      202,
      { action: "reload", result: "begun" },
    ]);
    assert.deepEqual(await post(actions, "stop"), [
      202,
      { action: "stop", result: "begun" },
    ]);
    await post(actions, "stop?now");
    const asked = ["reload", "stop terminate", "stop now"];
    assert.deepEqual(actions.asked, asked);
  });

  it("that waits says how it ended, by its status too", async () => {
    const at = "2026-01-01T00:00:00.000Z";
    for (const [status, end] of [
      [200, { result: "success", generation: 2 }],
      [500, { result: "failure", generation: 2, error: "bad" }],
      [409, { result: "refused", error: "no such setting" }],
    ] as const) {
      const actions = new FakeActions();
      actions.reloaded.resolve({ ...end, at, isSuperseded: false });
      assert.deepEqual(await post(actions, "reload?wait"), [
        status,
        { action: "reload", ...end },
      ]);
    }
  });

  it("that waits says where another one took its place", async () => {
    const actions = new FakeActions();
    const end = { result: "success", generation: 3, isSuperseded: true };
    actions.reloaded.resolve({ ...end, at: "" } as ReloadEnd);
    assert.deepEqual(await post(actions, "reload?wait"), [
      200,
      { action: "reload", ...end },
    ]);
  });

  it("tells progress in lines, and the outcome in the last", async () => {
    const actions = new FakeActions();
    const answer = post(actions, "upgrade?wait=progress");
    await new Promise(setImmediate);
    for (const tell of actions.listeners) tell(PROGRESS);
    actions.upgraded.resolve({ result: "success", pid: 9 });
    assert.deepEqual(await answer, [
      200,
      { progress: PROGRESS },
      { outcome: { action: "upgrade", result: "success", pid: 9 } },
    ]);
    assert.equal(actions.listeners.size, 0);
  });

  it("is refused where the server cannot do it now", async () => {
    const actions = new FakeActions({ reload: "the server is stopping" });
    for (const call of ["reload", "reload?wait", "reload?wait=progress"]) {
      const result = "refused";
      const error = "the server is stopping";
      assert.deepEqual(await post(actions, call), [
        409,
        { action: "reload", result, error },
      ]);
    }
    assert.deepEqual(actions.asked, []);
  });

  it("changes the number of workers", async () => {
    const actions = new FakeActions();
    assert.deepEqual(await post(actions, "scale?workers=12"), [
      202,
      { action: "scale", result: "begun", workers: 8 },
    ]);
    for (const wrong of ["", "?workers=", "?workers=0", "?workers=1025"]) {
      const [status, { error }] = await post(actions, `scale${wrong}`);
      assert.equal(status, 400);
      assert.match(error, /an integer, 1 to 1024/);
    }
    const [status] = await post(actions, "scale?workers=-1");
    assert.equal(status, 400);
    assert.deepEqual(actions.asked, ["scale to 12"]);
  });

  it("is told of, also where it is refused", async () => {
    const actions = new FakeActions({ upgrade: "not now" });
    const told: ControlAction[] = [];
    const routes = controlRoutes(actions, (action) => told.push(action));
    const query = new URLSearchParams("workers=2");
    for (const path of ["reload", "upgrade", "scale", "stop", "logs/reopen"]) {
      const request = { method: "POST", path, query, headers: {} };
      await routes.get(`/control/${path}`)?.(request);
    }
    const all = ["reload", "upgrade", "scale", "stop", "reopenLogs"];
    assert.deepEqual(told, all);
  });

  it("changes the level of the log, for ten minutes by default", async () => {
    const actions = new FakeActions();
    const [status, { result, level }] = await post(
      actions,
      "log-level?level=debug",
    );
    assert.deepEqual([status, result, level], [200, "success", "debug"]);
    await post(actions, "log-level?level=trace&forMs=86400000");
    for (const wrong of [
      ...["", "?level=", "?level=DEBUG", "?level=toString", "?forMs=2000"],
      ...["0", "999", "86400001", "1e4", "-1", "", "Infinity"].map((forMs) => {
        return `?level=debug&forMs=${forMs}`;
      }),
    ]) {
      const [code, { error }] = await post(actions, `log-level${wrong}`);
      assert.equal(code, 400, wrong);
      assert.match(error, /^(?:level|forMs) must be/);
    }
    assert.deepEqual(actions.asked, [
      "log level debug for 600000",
      "log level trace for 86400000",
    ]);
  });

  it("for lines of the log is refused with what it takes", async () => {
    const actions = new FakeActions();
    assert.deepEqual(await post(actions, "logs?follow&worker=2&level=warn"), [
      200,
      { msg: "a line" },
    ]);
    const query = { lines: 100, slot: 2, level: 40, follows: true };
    assert.deepEqual(actions.asked, [`logs ${JSON.stringify(query)}`]);
    for (const wrong of [
      "lines=1e9",
      "lines=10001",
      "worker=1025",
      "level=x",
    ]) {
      const [code, { error }] = await post(actions, `logs?${wrong}`);
      assert.equal(code, 400, wrong);
      assert.match(error, /must be/);
    }
    const [code, { error }] = await post(
      new FakeActions({ logs: "there is no room" }),
      "logs",
    );
    assert.deepEqual([code, error], [409, "there is no room"]);
  });

  it("opens log files anew", async () => {
    const actions = new FakeActions();
    const [status] = await post(actions, "logs/reopen");
    assert.equal(status, 202);
    assert.deepEqual(actions.asked, ["reopen logs"]);
  });
});
