import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { textAnswer } from "../../../src/master/admin/admin-server.ts";
import { AdminPort } from "../../../src/master/admin/master-ports.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import { exchange } from "../../support/raw-exchange.ts";
import type { ServerAddress } from "../../support/server-address.ts";

const PAGES = { routes: new Map([["/", () => textAnswer(200, "here")]]) };

async function open(t: TestContext, address: ListenAddress, text = "here") {
  const routes = new Map([["/", () => textAnswer(200, text)]]);
  const port = await AdminPort.open({ address, pages: { ...PAGES, routes } });
  t.after(() => port.close());
  return port;
}

async function ask(address: ListenAddress) {
  const bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const { responses, ending } = await exchange(
    address as ServerAddress,
    bytes,
    { untilClosed: true },
  );
  assert.equal(ending, "fin", "it is closed, or an old master could answer");
  return responses[0]?.body.toString();
}

describe("the admin port", () => {
  it("has the port that was picked for 0", async (t) => {
    const { address } = await open(t, { host: "127.0.0.1", port: 0 });
    assert.ok("port" in address && address.port > 0);
    assert.equal(await ask(address), "here\n");
  });

  it("may be a unix socket with a mode, whose file goes", async (t) => {
    const socketPath = path.join(configFolder(t), "admin.sock");
    const port = await open(t, { socketPath, mode: "0600" });
    assert.equal(fs.statSync(socketPath).mode & 0o777, 0o600);
    assert.equal(await ask({ socketPath }), "here\n");
    await port.close();
    assert.equal(fs.existsSync(socketPath), false);
  });

  it("leaves the file to who has taken its place, and asks there", async (t) => {
    const socketPath = path.join(configFolder(t), "admin.sock");
    const port = await open(t, { socketPath });
    port.hold();
    const waiting = ask({ socketPath });
    // What the other master listens on is the same socket in another process.
    fs.rmSync(socketPath);
    const other = await open(t, { socketPath }, "there");
    // Both accept; who came to this one first waits here.
    await new Promise((resolve) => setImmediate(resolve));
    port.forward();
    assert.equal(await waiting, "there\n");
    await port.close();
    assert.ok(fs.existsSync(socketPath));
    await other.close();
    assert.equal(fs.existsSync(socketPath), false);
  });
});
