import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import {
  INHERITANCE_VARIABLE,
  writeInheritance,
} from "../../src/shared/inheritance.ts";
import { toHandover } from "../../src/shared/metrics/handover-totals.ts";
import { noTotals } from "../../src/shared/metrics/totals.ts";
import type {
  FromIncoming,
  ToIncoming,
} from "../../src/shared/upgrade-messages.ts";
import { DaemonLog } from "../support/daemon-log.ts";
import { httpGet } from "../support/http-get.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";

after(removeTemporaryFolders);

/** A real incoming master; the test is the outgoing one. */
function startIncoming(): ChildProcess {
  const args = ["start", "examples/hello.js", "--workers", "1"];
  // To look up the name of the admin host takes a moment: in it, the outgoing
  // master dies.
  const admin = ["--admin-host", "localhost", "--admin-port", "0"];
  const ports = ["--port", "0", ...admin];
  return spawn(process.execPath, ["dist/cli.js", ...args, ...ports], {
    cwd: path.resolve("."),
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      REMUDA_RUNTIME_DIR: temporaryFolder(),
      [INHERITANCE_VARIABLE]: writeInheritance(new Map()),
    },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

async function untilSaid(
  incoming: ChildProcess,
  type: FromIncoming["type"],
): Promise<void> {
  for (;;) {
    const [message] = await once(incoming, "message");
    if (message.type === type) return;
  }
}

test("the admin port answers where the outgoing master dies as it is opened", async () => {
  const incoming = startIncoming();
  const exited = once(incoming, "exit");
  try {
    const log = new DaemonLog(incoming.stdout as Readable);
    const send = (message: ToIncoming, onSent = () => {}) => {
      incoming.send(message, onSent);
    };
    await untilSaid(incoming, "hello");
    const isReady = untilSaid(incoming, "ready");
    const ticketKeys = Buffer.alloc(48).toString("base64");
    send({ type: "welcome", generation: 1, workers: 1, ticketKeys });
    await isReady;
    // Both are read at once: "disconnect" comes while the ports are opened.
    send({ type: "takeOver", totals: toHandover(noTotals()) }, () => {
      incoming.disconnect();
    });
    const { port } = await log.waitFor("admin listening");
    const { status } = await httpGet(Number(port), "/readyz", 10_000);
    assert.equal(status, 200);
  } finally {
    incoming.kill("SIGQUIT");
    await exited;
  }
});
