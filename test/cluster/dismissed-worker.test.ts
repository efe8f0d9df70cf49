import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

/** The first worker starts at once, others when they may; stops take a while. */
const APP = `
  import { existsSync, writeFileSync } from "node:fs";
  import { setTimeout as delay } from "node:timers/promises";
  import { createApp, ok } from "remuda";
  const app = createApp();
  app.get("/", () => ok({ pid: process.pid }));
  app.onStart(async () => {
    if (!existsSync("hold")) return;
    writeFileSync("starting-" + process.pid, "");
    while (!existsSync("go-" + process.pid)) await delay(10);
    writeFileSync("started-" + process.pid, "");
  });
  app.onStop(async () => {
    while (existsSync("hold")) await delay(10);
  });
  export default app;
`;

test("a worker that is dismissed as it starts accepts nobody", async (t) => {
  const folder = projectFolder(t);
  const touch = (name: string) => writeFileSync(path.join(folder, name), "");
  const isThere = (name: string) => existsSync(path.join(folder, name));
  const appears = (name: string) =>
    waitUntil(() => isThere(name), { what: name });
  writeFileSync(path.join(folder, "app.mjs"), APP);
  const daemon = await startDaemon({
    cwd: folder,
    app: "app.mjs",
    args: ["--workers", "1", "--scheduling", "shared"],
  });
  const [first] = daemon.workerPids();
  touch("hold");

  daemon.signal("SIGHUP");
  const isOther = (pid: number) => pid !== first;
  await waitUntil(() => daemon.workerPids().some(isOther), { what: "a fork" });
  const dismissed = daemon.workerPids().find(isOther);
  await appears(`starting-${dismissed}`);
  daemon.signal("SIGHUP");
  await waitUntil(() => daemon.workerPids().length === 3, { what: "another" });

  touch(`go-${dismissed}`);
  await appears(`started-${dismissed}`);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => httpGet(daemon.port, "/")),
  );
  const pids = answers.map(({ body }) => JSON.parse(body).pid);
  assert.deepEqual(new Set(pids), new Set([first]));

  const last = daemon.workerPids().find((pid) => {
    return pid !== first && pid !== dismissed;
  });
  await appears(`starting-${last}`);
  // From here on stops are quick again, and the third worker may start.
  rmSync(path.join(folder, "hold"));
  touch(`go-${last}`);
  await daemon.waitForLog("reloaded");
});
