import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

const APP = `
  import { appendFileSync, existsSync } from "node:fs";
  import { setTimeout as delay } from "node:timers/promises";
  import { createApp, ok } from "remuda";
  const note = (text) => appendFileSync("events.txt", text + "\\n");
  const app = createApp();
  app.get("/", () => ok());
  app.onStart(async () => {
    await delay(50);
    if (existsSync("no-start")) throw new Error("no database");
    note("started");
  });
  app.onStop(async () => {
    await delay(50);
    note("stopped");
  });
  app.check("disk", () => {
    if (existsSync("full")) throw new Error("the disk is full");
  }, { intervalMs: 50 });
  export default app;
`;

describe("an app's hooks and checks", () => {
  test("are run in a worker's life, and awaited", async (t) => {
    const folder = projectFolder(t);
    const at = (name: string) => path.join(folder, name);
    writeFileSync(at("app.mjs"), APP);
    const events = () => readFileSync(at("events.txt"), "utf8").split("\n");
    const daemon = await startDaemon({
      cwd: folder,
      app: "app.mjs",
      args: ["--workers", "1", "--drain-pre-stop-delay-ms", "0"],
    });
    assert.deepEqual(events(), ["started", ""]);

    const health = async () => daemon.get("/healthz");
    await waitUntil(async () => (await health()).status === 200, {
      what: "health",
    });
    writeFileSync(at("full"), "");
    await waitUntil(async () => (await health()).status === 503, {
      what: "the check to fail",
    });
    assert.match((await health()).body, /the disk is full/);
    assert.equal((await daemon.get("/readyz")).status, 200);
    rmSync(at("full"));

    writeFileSync(at("no-start"), "");
    daemon.signal("SIGHUP");
    await waitUntil(
      async () => (await daemon.get("/status")).body.includes("no database"),
      { what: "the reload to fail" },
    );
    assert.equal(existsSync(at("events.txt")), true);
    assert.deepEqual(events(), ["started", ""]);

    daemon.signal("SIGTERM");
    assert.equal((await daemon.exited).code, 0);
    assert.deepEqual(events(), ["started", "stopped", ""]);
  });
});
