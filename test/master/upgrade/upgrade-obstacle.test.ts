import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { upgradeObstacle } from "../../../src/master/upgrade/upgrade-obstacle.ts";

const parent = { pid: 9, name: "sh", isNodemon: false };
const free = { pid: 10, parent, env: {}, canTellMainPid: false };

describe("an upgrade of the master", () => {
  it("is possible where nobody waits for its end", () => {
    assert.equal(upgradeObstacle(free), undefined);
  });

  it("is not where its end is that of the container", () => {
    assert.match(upgradeObstacle({ ...free, pid: 1 }) ?? "", /container/);
  });

  it("is not where the init of a container waits for its end", () => {
    const below = (name: string) =>
      upgradeObstacle({ ...free, parent: { ...parent, pid: 1, name } });
    for (const name of ["tini", "docker-init", "remuda-init.sh"]) {
      assert.ok(below(name)?.startsWith(`${name} would take the end`));
    }
    assert.ok(below("")?.startsWith("process 1 would"));
    assert.equal(below("systemd"), undefined);
    assert.equal(below("init"), undefined);
  });

  it("is not where pm2 waits for its end", () => {
    const env = { pm_id: "0" };
    assert.match(upgradeObstacle({ ...free, env }) ?? "", /pm2/);
  });

  it("is not where nodemon waits for its end", () => {
    const below = { ...free, parent: { ...parent, isNodemon: true } };
    assert.match(upgradeObstacle(below) ?? "", /nodemon --signal SIGINT$/);
  });

  it("is where systemd can be told of the new main process", () => {
    const env = { SYSTEMD_EXEC_PID: "10" };
    assert.match(upgradeObstacle({ ...free, env }) ?? "", /Type=notify/);
    const notified = { ...free, env, canTellMainPid: true };
    assert.equal(upgradeObstacle(notified), undefined);
  });

  it("is below a shell that systemd has started", () => {
    const env = { SYSTEMD_EXEC_PID: "9" };
    assert.equal(upgradeObstacle({ ...free, env }), undefined);
  });
});
