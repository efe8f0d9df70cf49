import assert from "node:assert/strict";
import { once } from "node:events";
import { truncateSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, it } from "node:test";
import { App } from "../../../../src/worker/app/app.ts";
import type { Middleware } from "../../../../src/worker/http/handler.ts";
import { compression } from "../../../../src/worker/middleware/compression/compression.ts";
import { etag } from "../../../../src/worker/middleware/conditional/etag.ts";
import { staticFiles } from "../../../../src/worker/middleware/static-files/static-files.ts";
import { openFilesBelow } from "../../../support/open-files.ts";
import { exchange } from "../../../support/raw-exchange.ts";
import { siteFolder } from "../../../support/site-folder.ts";
import { waitUntil } from "../../../support/wait-until.ts";
import { serveHttp } from "../../http1/served-http1.ts";

const BIG_BYTES = 64 * 1024 * 1024;

const root = siteFolder({
  "small.txt": "small",
  "text.txt": "0123456789".repeat(100_000),
  "big.bin": Buffer.alloc(BIG_BYTES, "remuda"),
});

function serveFiles(...middleware: readonly Middleware[]) {
  const app = new App().use(...middleware).get("/*path", staticFiles(root));
  return serveHttp((request) => app.handle(request));
}

function requestFor(target: string, fields: readonly string[] = []): string {
  const lines = [`GET ${target} HTTP/1.1`, "Host: h", ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function waitUntilClosed(folder = root): Promise<unknown> {
  const what = "all files to be closed";
  return waitUntil(() => openFilesBelow(folder).length === 0, { what });
}

describe("a file over a socket", () => {
  it("comes whole, and several in order", async () => {
    const { address } = await serveFiles();
    const request =
      requestFor("/text.txt") +
      requestFor("/small.txt") +
      requestFor("/text.txt", ["Range: bytes=5-9,500000-500004"]);
    const { responses } = await exchange(address, request, { responses: 3 });
    const [text, small, parts] = responses;
    assert.equal(text?.body.length, 1_000_000);
    assert.equal(new Map(text?.fields).get("Content-Length"), "1000000");
    assert.equal(small?.body.toString(), "small");
    assert.equal(parts?.status, 206);
    assert.equal(parts?.body.toString().match(/\r\n\r\n\d{5}\r\n/g)?.length, 2);
    await waitUntilClosed();
  });

  it("is read as the client reads, and closed when it leaves", async () => {
    const { address } = await serveFiles();
    assert.ok("port" in address);
    const before = process.memoryUsage().arrayBuffers;
    const sockets = Array.from({ length: 8 }, () => {
      const socket = net.connect(address.port, "127.0.0.1");
      socket.write(requestFor("/big.bin"));
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "readable")));
    const open = openFilesBelow(root);
    assert.equal(open.length, 8);
    const heldBytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(heldBytes < BIG_BYTES, `${heldBytes} bytes are held`);
    for (const socket of sockets) socket.resetAndDestroy();
    await waitUntilClosed();
  });

  it("is closed when the client leaves before the answer", async () => {
    const { address, listener } = await serveFiles();
    assert.ok("port" in address);
    for (let round = 0; round < 20; round++) {
      const socket = net.connect(address.port, "127.0.0.1");
      socket.write(requestFor("/big.bin"));
      await once(socket, "connect");
      setImmediate(() => socket.resetAndDestroy());
      await once(socket, "close");
    }
    const what = "all connections to be gone";
    await waitUntil(() => listener.count === 0, { what });
    await waitUntilClosed();
  });

  it("is closed where only its fields are sent", async () => {
    const { address } = await serveFiles();
    const modified = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT";
    const request =
      requestFor("/big.bin").replace("GET", "HEAD") +
      requestFor("/big.bin", [modified]) +
      requestFor("/big.bin", ['If-Match: "x"']) +
      requestFor("/big.bin", ["Range: bytes=99999999-"]);
    const { responses } = await exchange(address, request, { responses: 4 });
    const statuses = responses.map(({ status }) => status);
    assert.deepEqual(statuses, [200, 304, 412, 416]);
    await waitUntilClosed();
  });

  it("is closed by what is around it", async () => {
    const { address } = await serveFiles(compression(), etag());
    const gzip = "Accept-Encoding: gzip";
    const modified = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT";
    const request =
      requestFor("/text.txt", [gzip]).replace("GET", "HEAD") +
      requestFor("/text.txt", [gzip, modified]) +
      requestFor("/text.txt", [gzip]);
    const { responses } = await exchange(address, request, { responses: 3 });
    const fields = responses.map((each) => Object.fromEntries(each.fields));
    const codings = fields.map((each) => each["Content-Encoding"]);
    assert.deepEqual(codings, ["gzip", undefined, "gzip"]);
    const tags = fields.map((each) => each.ETag);
    assert.equal(new Set(tags).size, 1);
    assert.ok(fields.every((each) => each.Vary === "Accept-Encoding"));
    await waitUntilClosed();
  });

  it("that is cut while it is sent cuts the connection", async () => {
    const folder = siteFolder({ "x.bin": Buffer.alloc(BIG_BYTES) });
    const app = new App().get("/*path", staticFiles(folder));
    const { address, observer } = await serveHttp((request) =>
      app.handle(request),
    );
    assert.ok("port" in address);
    const socket = net.connect(address.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(requestFor("/x.bin"));
    await once(socket, "readable");
    truncateSync(path.join(folder, "x.bin"), 10);
    socket.resume();
    await new Promise((closed) => socket.on("close", closed));
    assert.match(observer.events.join(), /response error: a file was cut to/);
    await waitUntilClosed(folder);
  });
});
