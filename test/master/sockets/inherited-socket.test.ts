import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { ListenSocket } from "../../../src/master/sockets/listen-socket.ts";
import type { ListenAddress } from "../../../src/shared/listen-address.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import type { Bequest } from "./inheriting-process.ts";

const HEIR = fileURLToPath(new URL("inheriting-process.ts", import.meta.url));

/** The text that a client is sent; rejects where it is refused. */
function answerAt(address: ListenAddress): Promise<string> {
  const client =
    "port" in address
      ? net.connect(address)
      : net.connect({ path: address.socketPath });
  return new Promise((resolve, reject) => {
    let text = "";
    client.on("error", reject);
    client.on("data", (chunk) => {
      text += chunk;
    });
    client.on("close", () => resolve(text));
  });
}

async function heirOf(
  t: TestContext,
  socket: ListenSocket,
  scheduling: Bequest["scheduling"],
): Promise<ChildProcess> {
  const { address, fd } = socket;
  const heir = spawn(process.execPath, ["--import", "tsx", HEIR], {
    stdio: ["ignore", "inherit", "inherit", fd, "ipc"],
  });
  t.after(async () => {
    if (heir.exitCode !== null || heir.signalCode !== null) return;
    heir.kill();
    await once(heir, "exit");
  });
  heir.send({ address, scheduling } satisfies Bequest);
  const left = once(heir, "exit").then(() => assert.fail("the heir left"));
  const [message] = await Promise.race([once(heir, "message"), left]);
  assert.deepEqual(message, { address });
  return heir;
}

function addresses(t: TestContext): Record<string, ListenAddress> {
  const socketPath = path.join(configFolder(t), "a.sock");
  return {
    "TCP v4": { host: "127.0.0.1", port: 0 },
    "TCP v6": { host: "::1", port: 0 },
    unix: { socketPath, mode: "0600" },
  };
}

for (const scheduling of ["balanced", "shared"] as const) {
  for (const kind of ["TCP v4", "TCP v6", "unix"]) {
    describe(`a socket that is inherited, ${scheduling}, ${kind}`, () => {
      it("serves on when its first owner closes it", async (t) => {
        const address = addresses(t)[kind] as ListenAddress;
        const options = { address, scheduling, backlog: 16 };
        const socket = await ListenSocket.open({
          ...options,
          onConnection: () => assert.fail("the first owner has accepted"),
          onAcceptError: (code) => assert.fail(code),
        });
        t.after(() => socket.close());
        const heir = await heirOf(t, socket, scheduling);
        socket.close({ keepsFile: true });
        const text = await answerAt(socket.address);
        if (scheduling === "balanced") assert.equal(text, String(heir.pid));
        else assert.match(text, /^\d+$/);
        heir.send("close");
        await once(heir, "exit");
        const isRefused = /ECONNREFUSED|ENOENT/;
        await assert.rejects(answerAt(socket.address), isRefused);
        if (!("socketPath" in address)) return;
        assert.equal(fs.existsSync(address.socketPath), false);
      });
    });
  }
}
