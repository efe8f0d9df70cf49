import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { reload } from "../support/reload.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Status {
  readonly lastReload: { result: string; error?: string } | null;
}

const GOOD = "export default { workers: 1 };\n";

/** What a config file does, and what the refusal says of it. */
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
async function refused(): Promise<string> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  const isSaid = ({ msg }: { readonly msg?: string }) =>
    msg?.startsWith("reload refused");
  await daemon.waitForLog(isSaid, { since, timeoutMs: 40_000 });
  const { lastReload } = await daemon.status<Status>();
  assert.equal(lastReload?.result, "refused");
  return lastReload.error ?? "";
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
      const before = daemon.processes();
      writeFileSync(config, source);
      assert.match(await refused(), says);
      const what = "its processes to be gone";
      await waitUntil(() => daemon.processes().length === before.length, {
        what,
      });
      assert.deepEqual(daemon.processes(), before);
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
