/**
 * What users do with a request's body: pipe it somewhere. Over real sockets,
 * with all that Node's streams do at an end, an error and a slow sink.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ReadableStream } from "node:stream/web";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { noContent, text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { untilStill } from "../../support/until-still.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

v8.setFlagsFromString("--expose-gc");
const collectGarbage: () => void = vm.runInNewContext("gc");

const MEGABYTE = 1_048_576;
const UPLOAD_BYTES = 50 * MEGABYTE;
const limits = { maxBodyBytes: UPLOAD_BYTES };
const CONTENT = Buffer.alloc(MEGABYTE, "0123456789abcdef");

const headOf = (bytes: number) =>
  requestOf("PUT /", [`Content-Length: ${bytes}`]);

/** Sends the head and so much content, as fast as it is taken. */
async function upload(client: Writable, bytes = UPLOAD_BYTES): Promise<void> {
  client.write(headOf(bytes));
  for (let sent = 0; sent < bytes; sent += CONTENT.length) {
    if (!client.write(CONTENT)) await once(client, "drain");
  }
}

const ways: [what: string, source: (request: HttpRequest) => Source][] = [
  ["the body", ({ body }) => body],
  ["Readable.from(body)", ({ body }) => Readable.from(body)],
  ["ReadableStream.from(body)", ({ body }) => ReadableStream.from(body)],
];
type Source = NodeJS.ReadableStream | AsyncIterable<unknown>;

for (const [what, sourceOf] of ways) {
  describe(`a pipeline from ${what}`, () => {
    test("brings an upload into a file", async (context) => {
      const file = path.join(projectFolder(context), "upload");
      const { address } = await serveHttp(
        async (request) => {
          await pipeline(sourceOf(request), createWriteStream(file));
          return noContent();
        },
        { limits },
      );
      const content = "0123456789".repeat(100_000);
      const bytes = headOf(content.length) + content;
      const { responses } = await exchange(address, bytes, { responses: 1 });
      assert.equal(responses[0]?.status, 204);
      assert.equal(await readFile(file, "utf8"), content);
    });

    test("holds the client back while its sink is busy", async () => {
      const open = deferred();
      let consumedBytes = 0;
      let nextSampleAt = 0;
      let mostBufferedBytes = 0;
      let mostHeldBytes = 0;
      const { address } = await serveHttp(
        async (request) => {
          const sink = new Writable({
            async write(chunk: Buffer, _encoding, done) {
              await open.promise;
              await nextTurn();
              consumedBytes += chunk.length;
              const { bufferedBytes } = request.body;
              mostBufferedBytes = Math.max(mostBufferedBytes, bufferedBytes);
              if (consumedBytes >= nextSampleAt) {
                nextSampleAt += 5 * MEGABYTE;
                mostHeldBytes = Math.max(mostHeldBytes, heldBytes());
              }
              done();
            },
          });
          await pipeline(sourceOf(request), sink);
          return text(`${consumedBytes}`);
        },
        { limits },
      );
      const before = heldBytes();
      const client = connect(address);
      const isSent = upload(client);
      const sentBytes = () => client.bytesWritten - client.writableLength;
      await untilStill(sentBytes, "the client");
      // What fits into the kernel's buffers is on its way, and no more.
      assert.ok(sentBytes() < 20 * MEGABYTE, `${sentBytes()} sent`);
      assert.equal(consumedBytes, 0);
      open.resolve();
      await isSent;
      const [answer] = await once(client, "data");
      assert.match(String(answer), new RegExp(`\r\n\r\n${UPLOAD_BYTES}$`));
      assert.ok(mostBufferedBytes <= 131_072, `${mostBufferedBytes} buffered`);
      const grownBytes = mostHeldBytes - before;
      assert.ok(grownBytes < 16 * MEGABYTE, `${grownBytes} in memory`);
      client.destroy();
    });

    test("fails with its client", async () => {
      const failed = deferred<unknown>();
      const hasCome = deferred();
      const sink = new Writable({
        write(_chunk, _encoding, done) {
          hasCome.resolve();
          done();
        },
      });
      const { address } = await serveHttp(
        async (request) => {
          await pipeline(sourceOf(request), sink).catch(failed.resolve);
          return noContent();
        },
        { limits },
      );
      const client = connect(address);
      client.on("error", () => {});
      client.write(headOf(1_000) + "x".repeat(500));
      await hasCome.promise;
      client.destroy();
      assert.match(String(await failed.promise), /RequestAborted/);
      assert.equal(sink.destroyed, true);
    });

    test("lets the rest go when its sink fails", async () => {
      const { address } = await serveHttp(
        async (request) => {
          const sink = new Writable({
            write: (_chunk, _encoding, done) => done(new Error("disk full")),
          });
          const failure = await pipeline(sourceOf(request), sink).catch(String);
          return text(`${failure}`);
        },
        { limits: { ...limits, maxUnreadBodyBytes: UPLOAD_BYTES } },
      );
      const client = connect(address);
      const isSent = upload(client);
      const [answer] = await once(client, "data");
      assert.match(String(answer), /^HTTP\/1.1 200 .*Error: disk full$/s);
      await isSent;
      client.write(requestOf("PUT /", [], "next"));
      const [next] = await once(client, "data");
      assert.match(String(next), /Error: disk full$/);
      client.destroy();
    });
  });
}

/** In Buffers that somebody still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
