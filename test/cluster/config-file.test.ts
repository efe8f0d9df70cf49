import assert from "node:assert/strict";
import { unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { answerOf } from "../support/answer-of.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { httpGet } from "../support/http-get.ts";
import type { MarkedProcess } from "../support/marked-processes.ts";
import { reload } from "../support/reload.ts";
import { runCli } from "../support/run-cli.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Status {
  readonly lastReload: { result: string; error?: string } | null;
}

const REMUDA = pathToFileURL(path.resolve("dist/index.js")).href;
const APP = `import { createApp, text } from ${JSON.stringify(REMUDA)};
export default createApp().get("/", () => text("still here"));
`;
const GOOD = "export default { workers: 1 };\n";

/** Config files that fail, and the refusal expected for each. */
const HARMFUL = [
  {
    does: "leaves a rejection unhandled",
    source: `Promise.reject(new Error("nobody waits")); ${GOOD}`,
    says: /fails in line 1: nobody waits$/,
  },
  {
    does: "has a timer that throws",
    source: `setTimeout(() => { throw new Error("too late"); });
await new Promise(() => setTimeout(() => {}, 5_000));`,
    says: /fails in line 1: too late$/,
  },
  {
    does: "ends its process",
    source: 'console.log("\\x1b[31mgood bye"); process.exit(3);',
    says: /fails: it ended with code 3 .*; it printed: \[31mgood bye$/,
  },
  {
    does: "kills its process",
    source: 'process.kill(process.pid, "SIGKILL");',
    says: /fails: it was ended by SIGKILL/,
  },
  {
    does: "ends a process that has left others with its pipes",
    source: `import { spawn } from "node:child_process";
spawn("sleep", ["60"], { stdio: "inherit" }); process.exit(4);`,
    says: /fails: it ended with code 4/,
  },
  {
    does: "exports what is no plain data",
    source: "export default { drain: { lingerMs: () => 5 } };",
    says: /must hold plain data only: drain\.lingerMs is a function$/,
  },
] as const;

let config: string;
let daemon: Daemon;
before(async () => {
  const cwd = temporaryFolder();
  config = path.join(cwd, "remuda.config.mjs");
  writeFileSync(config, GOOD);
  daemon = await startDaemon({ cwd });
});
after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

/** HUP, and waits until it is refused. */
async function refusedBy(daemon: Daemon): Promise<string> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  const isSaid = ({ msg }: { readonly msg?: string }) =>
    msg?.startsWith("reload refused");
  await daemon.waitForLog(isSaid, { since, timeoutMs: 40_000 });
  const { lastReload } = await daemon.status<Status>();
  assert.equal(lastReload?.result, "refused");
  return lastReload.error ?? "";
}

/** The master also starts processes that end by themselves: getconf, once. */
function isOfDaemon({ pid, isWorker }: MarkedProcess): boolean {
  return isWorker || pid === daemon.pid;
}

/** How many processes evaluate a config file now. */
function evaluations(): number {
  const children = daemon.processes().filter(({ parentPid, isWorker }) => {
    return parentPid === daemon.pid && !isWorker;
  });
  return children.length;
}

describe("a config file at a reload, which", () => {
  for (const { does, source, says } of HARMFUL) {
    it(`${does}, is refused and leaves no process`, async () => {
      const before = daemon.processes().filter(isOfDaemon);
      writeFileSync(config, source);
      assert.match(await refusedBy(daemon), says);
      const areGone = () => isDeepStrictEqual(daemon.processes(), before);
      await waitUntil(areGone, { what: "its processes to be gone" });
    });
  }

  it("is mended, is taken, and what it prints is logged", async () => {
    writeFileSync(config, `console.log("two workers"); ${GOOD}`);
    const since = daemon.logs.length;
    await reload(daemon, "reloaded");
    const isSaid = ({ output }: LogLine) => output === "two workers";
    await daemon.waitForLog(isSaid, { since });
  });

  it("is asked for many times, is evaluated once at a time", async () => {
    writeFileSync(config, "await new Promise((r) => setTimeout(r, 300));");
    const since = daemon.logs.length;
    const count = (text: string) => {
      const lines = daemon.logs.slice(since);
      return lines.filter(({ msg }) => msg?.startsWith(text)).length;
    };
    const seen: number[] = [];
    while (count("reloading") < 8) {
      daemon.signal("SIGHUP");
      await daemon.status();
      seen.push(evaluations());
    }
    const isOver = () => count("reload refused") === count("reloading");
    const what = "all to be refused";
    await waitUntil(isOver, { what, timeoutMs: 30_000 });
    assert.equal(Math.max(...seen), 1);
  });

  it("never ends, holds up nothing, and dies with the master", async () => {
    writeFileSync(config, "for (;;);");
    daemon.signal("SIGHUP");
    const what = "the file to be evaluated";
    await waitUntil(() => evaluations() === 1, { what });
    await daemon.status();
    process.kill(daemon.pid, "SIGKILL");
    const isOver = () => daemon.processes().length === 0;
    const gone = "all processes to be gone";
    await waitUntil(isOver, { what: gone, timeoutMs: 9_000 });
  });
});

describe("a reload that would take away what is in force", () => {
  let daemon: Daemon;
  let cwd: string;
  let file: string;
  before(async () => {
    cwd = temporaryFolder();
    file = path.join(cwd, "remuda.config.json");
    writeFileSync(path.join(cwd, "app.mjs"), APP);
    put(settings());
    daemon = await startDaemon({ cwd });
  });

  function settings() {
    const certFile = tlsFixture("server.pem");
    const keyFile = tlsFixture("server.key");
    return { app: "app.mjs", workers: 1, tls: { certFile, keyFile } };
  }

  function put(settings: object): void {
    writeFileSync(file, JSON.stringify(settings));
  }

  async function assertRefused(says: RegExp): Promise<void> {
    assert.match(await refusedBy(daemon), says);
    assert.equal(await answerOf(daemon), "still here");
  }

  it("is none where all is there; --wait says what needs a restart", async () => {
    put({ ...settings(), backlog: 5 });
    const control = ["--control", daemon.controlSocketPath];
    const done = await runCli(["reload", "--wait", ...control]);
    assert.match(
      done.stderr,
      /^remuda: warning: changed setting needs a restart: backlog$/m,
    );
    assert.match(done.stdout, /^reloaded: generation 2$/m);
    assert.equal(done.code, 0);
  });

  it("is refused where its config file is gone", async () => {
    unlinkSync(file);
    await assertRefused(/config file ".*remuda\.config\.json" is gone/);
  });

  it("is no better as an upgrade", async () => {
    const since = daemon.logs.length;
    daemon.signal("SIGUSR2");
    const line = await daemon.waitForLog(
      "upgrade failed; this master goes on",
      {
        since,
        timeoutMs: 30_000,
      },
    );
    assert.match(String(line.error), /config file ".*" is gone/);
    assert.equal(await answerOf(daemon), "still here");
  });

  it("is refused where the file names no app any more", async () => {
    put({ workers: 1, tls: undefined });
    await assertRefused(
      /the settings name no app any more; it was ".*app\.mjs"/,
    );
  });

  it("is refused where the file has no TLS any more", async () => {
    put({ app: "app.mjs", workers: 1 });
    await assertRefused(/TLS of 127\.0\.0\.1:0 would be off: no tls\.certFile/);
  });

  it("is taken where the file is empty: that says so", async () => {
    writeFileSync(file, "");
    await reload(daemon, "reloaded");
    const { port } = daemon;
    assert.match((await httpGet(port, "/")).body, /No app was given/);
  });
});

describe("remuda.config.ts", () => {
  it("is read, or what reads it is said", async () => {
    const folder = temporaryFolder();
    const text = "const port: number = 1234;\nexport default { port };\n";
    writeFileSync(path.join(folder, "remuda.config.ts"), text);
    const checked = await runCli(["check-config"], { cwd: folder });
    // Node loads TypeScript by itself since 22.18.
    if (Reflect.get(process.features, "typescript")) {
      assert.deepEqual([checked.code, checked.stderr], [0, ""]);
      assert.match(checked.stdout, /^port +1234 +\S+remuda\.config\.ts$/m);
      return;
    }
    assert.equal(checked.code, 2);
    const says =
      /config\.ts" fails: Node v20\.\S+ does not read TypeScript: use/;
    assert.match(checked.stderr, says);
  });
});
