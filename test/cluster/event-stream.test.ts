import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";

after(stopAllDaemons);

const APP = `
  import { createApp, serverSentEvents } from "remuda";
  const app = createApp();
  app.get("/", (request) =>
    serverSentEvents(request, (client) => {
      client.send(String(process.pid));
    }),
  );
  export default app;
`;

describe("a stream of events", () => {
  test("does not hold up a worker that is to leave", async (t) => {
    const folder = projectFolder(t);
    writeFileSync(path.join(folder, "app.mjs"), APP);
    const daemon = await startDaemon({
      cwd: folder,
      app: "app.mjs",
      args: ["--workers", "1", "--drain-deadline-ms", "60000"],
    });
    const { port } = daemon.address as { port: number };
    const url = `http://127.0.0.1:${port}/`;
    const { body } = await fetch(url);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader?.read())?.value ?? "";
    assert.match(first, /^data: \d+\n\n$/);

    daemon.signal("SIGHUP");
    // It ends as a whole: otherwise this would reject.
    assert.equal((await reader?.read())?.done, true);

    const again = await fetch(url);
    const second = await again.body
      ?.pipeThrough(new TextDecoderStream())
      .getReader()
      .read();
    assert.match(second?.value ?? "", /^data: \d+\n\n$/);
    assert.notEqual(second?.value, first);
    await daemon.stop();
    assert.equal((await daemon.exited).code, 0);
  });
});
