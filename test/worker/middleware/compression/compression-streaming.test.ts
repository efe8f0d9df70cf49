import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { createGunzip, gunzipSync } from "node:zlib";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { stream } from "../../../../src/worker/http/response-helpers.ts";
import { compose } from "../../../../src/worker/middleware/compose.ts";
import { compression } from "../../../../src/worker/middleware/compression/compression.ts";
import { deferred } from "../../../support/deferred.ts";
import { exchange } from "../../../support/raw-exchange.ts";
import { waitUntil } from "../../../support/wait-until.ts";
import { serveHttp } from "../../http1/served-http1.ts";

const TYPE = "text/plain; charset=utf-8";
const REQUEST = requestOf("GET");
/** Longer than any test takes. */
const FOREVER_MS = 3_600_000;

function requestOf(method: string): string {
  return `${method} / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n`;
}

/** The stream as it is compressed, without a socket. */
async function compressed(
  response: HttpResponse,
  options: Parameters<typeof compression>[0] = {},
): Promise<AsyncIterator<Buffer>> {
  const request = new HttpRequest({ headers: { "Accept-Encoding": "gzip" } });
  const { body, headers } = await compression(options)(request, () => response);
  assert.equal(headers.get("content-encoding"), "gzip");
  return (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
}

/** Takes pieces until they say so much. */
async function readUntil(output: AsyncIterator<Buffer>, text: string) {
  const gunzip = createGunzip();
  let plain = "";
  gunzip.on("data", (chunk) => {
    plain += chunk;
  });
  while (plain !== text) {
    const { done, value } = await output.next();
    assert.ok(!done, `ended after ${JSON.stringify(plain)}`);
    await new Promise((written) => gunzip.write(value, written));
    await new Promise(setImmediate);
  }
}

describe("a compressed stream", () => {
  it("comes whole to the client, in chunks", async () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at} é\n`);
    const handler = compose([compression()], () =>
      stream(Readable.from(lines), TYPE),
    );
    const { address } = await serveHttp(handler);
    const { responses } = await exchange(address, REQUEST, { responses: 1 });
    const [response] = responses;
    const fields = new Map(response?.fields);
    assert.equal(fields.get("Transfer-Encoding"), "chunked");
    assert.equal(fields.get("Content-Encoding"), "gzip");
    const content = gunzipSync(response?.body as Buffer).toString();
    assert.equal(content, lines.join(""));
  });

  it("sends each event at once where they are text/event-stream", async () => {
    const next = deferred();
    async function* events() {
      yield "data: 1\n\n";
      await next.promise;
      yield "data: 2\n\n";
    }
    const output = await compressed(stream(events(), "text/event-stream"), {
      flushAfterMs: FOREVER_MS,
    });
    await readUntil(output, "data: 1\n\n");
    next.resolve();
    assert.equal((await output.next()).done, false);
  });

  it("sends each piece that waits for the next one after a while", async () => {
    async function* endless() {
      yield "first";
      yield " and second";
      await deferred().promise;
    }
    const output = await compressed(stream(endless(), TYPE), {
      flushAfterMs: 10,
    });
    await readUntil(output, "first and second");
    await output.return?.();
  });

  it("reads its source no faster than the client reads", async () => {
    let made = 0;
    async function* noise() {
      for (;;) {
        made++;
        yield Buffer.from(
          Array.from({ length: 1_024 }, () => Math.random() * 256),
        );
      }
    }
    const output = await compressed(stream(noise(), TYPE));
    await output.next();
    // What lies between the two: the encoder's buffers.
    const what = "the encoder to be full";
    let before = -1;
    await waitUntil(
      () => {
        const isStill = made === before;
        before = made;
        return isStill;
      },
      { what },
    );
    assert.ok(made < 200, `${made} KiB were read`);
    await output.return?.();
  });

  it("begins when it is read, not before", async () => {
    let isRead = false;
    async function* pieces() {
      isRead = true;
      yield "x";
    }
    const output = await compressed(stream(pieces(), TYPE));
    await new Promise(setImmediate);
    assert.equal(isRead, false);
    await output.return?.();
  });

  it("lets its source go where nobody has begun to read it", async () => {
    const source = new Readable({ read() {} });
    const output = await compressed(stream(source, TYPE));
    await output.return?.();
    assert.ok(source.destroyed);
  });

  it("lets its source go for HEAD", async () => {
    const source = new Readable({ read() {} });
    const handler = compose([compression()], () => stream(source, TYPE));
    const { address } = await serveHttp(handler);
    const { responses } = await exchange(address, requestOf("HEAD"), {
      responses: 1,
    });
    const fields = new Map(responses[0]?.fields);
    assert.equal(fields.get("Content-Encoding"), "gzip");
    assert.ok(source.destroyed);
  });

  it("ends with its client, also while it waits for its source", async () => {
    const source = new Readable({ read() {} });
    source.push("x".repeat(100));
    const handler = compose([compression({ flushAfterMs: 0 })], () =>
      stream(source, TYPE),
    );
    const { address, observer } = await serveHttp(handler);
    assert.ok("port" in address);
    const socket = net.connect(address.port, "127.0.0.1");
    socket.write(REQUEST);
    await once(socket, "data");
    socket.resetAndDestroy();
    await waitUntil(() => source.destroyed, { what: "the source to end" });
    assert.deepEqual(observer.events, ["request", "abort /"]);
  });

  it("cuts the connection where its source fails", async () => {
    async function* failing() {
      yield "x".repeat(100);
      throw new Error("broken");
    }
    const handler = compose([compression()], () => stream(failing(), TYPE));
    const { address, observer } = await serveHttp(handler);
    const { isPartial } = await exchange(address, REQUEST, {
      untilClosed: true,
    });
    assert.ok(isPartial);
    assert.deepEqual(observer.events, [
      "request",
      "response error: broken",
      "abort /",
    ]);
  });

  it("cuts the connection for a piece that is no text and no bytes", async () => {
    const pieces = Readable.from([1, 2]);
    const handler = compose([compression()], () => stream(pieces, TYPE));
    const { address, observer } = await serveHttp(handler);
    await exchange(address, REQUEST, { untilClosed: true });
    assert.match(observer.events.join(), /response error: .*number/);
  });
});
