import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { ListenSocket } from "../../../src/master/sockets/listen-socket.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import type { SocketToInherit } from "./inheriting-process.ts";

const PROGRAM = fileURLToPath(
  new URL("inheriting-process.ts", import.meta.url),
);

/** The text that a client receives; rejects if the client is refused. */
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

async function startInheritor(
  t: TestContext,
  socket: ListenSocket,
  scheduling: SocketToInherit["scheduling"],
): Promise<ChildProcess> {
  const { address, fd } = socket;
  const inheritor = spawn(process.execPath, ["--import", "tsx", PROGRAM], {
    stdio: ["ignore", "inherit", "inherit", fd, "ipc"],
  });
  t.after(async () => {
    if (inheritor.exitCode !== null || inheritor.signalCode !== null) return;
    inheritor.kill();
    await once(inheritor, "exit");
  });
  inheritor.send({ address, scheduling } satisfies SocketToInherit);
  const left = once(inheritor, "exit").then(() =>
    assert.fail("it exited early"),
  );
  const [message] = await Promise.race([once(inheritor, "message"), left]);
  assert.deepEqual(message, { address });
  return inheritor;
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
        const inheritor = await startInheritor(t, socket, scheduling);
        socket.close({ keepsFile: true });
        const text = await answerAt(socket.address);
        if (scheduling === "balanced")
          assert.equal(text, String(inheritor.pid));
        else assert.match(text, /^\d+$/);
        inheritor.send("close");
        await once(inheritor, "exit");
        const isRefused = /ECONNREFUSED|ENOENT/;
        await assert.rejects(answerAt(socket.address), isRefused);
        if (!("socketPath" in address)) return;
        assert.equal(fs.existsSync(address.socketPath), false);
      });
    });
  }
}
