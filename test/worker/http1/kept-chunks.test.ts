/** Chunks of bodies that a handler keeps, while many connections read. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { noContent, text } from "../../../src/worker/http/response-helpers.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

const UPLOADS = 8;
const UPLOAD_BYTES = 3_000_000;
const limits = { maxBodyBytes: UPLOAD_BYTES };
const UNTIL_CLOSED = { untilClosed: true, timeoutMs: 30_000 } as const;

/** Bytes that are others for each upload, and at each place of it. */
function contentOf(seed: number): Buffer {
  const content = Buffer.alloc(UPLOAD_BYTES);
  for (let at = 0; at < content.length; at += 4) {
    content.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at);
  }
  return content;
}

const inOnePiece = (content: Buffer) => [
  requestOf("PUT /", [`Content-Length: ${content.length}`]),
  content,
];

/** Chunks that no read ends with, some smaller than one and some larger. */
function inChunks(content: Buffer): (string | Buffer)[] {
  const parts: (string | Buffer)[] = [
    requestOf("PUT /", ["Transfer-Encoding: chunked"]),
  ];
  for (let at = 0, bytes = 7; at < content.length; at += bytes, bytes *= 3) {
    if (bytes > 200_000) bytes = 7;
    const chunk = content.subarray(at, at + bytes);
    parts.push(`${chunk.length.toString(16)}\r\n`, chunk, "\r\n");
  }
  return [...parts, "0\r\n\r\n"];
}

const asBytes = (parts: readonly (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));

describe("chunks of a body that a handler keeps", () => {
  for (const [way, sent] of [
    ["of a known length", inOnePiece],
    ["in chunks", inChunks],
  ] as const) {
    test(`stay what they were: ${way}, from many at once`, async () => {
      const received = new Map<string, Buffer[]>();
      const { address } = await serveHttp(
        async (request) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request.body) chunks.push(chunk);
          received.set(Buffer.concat(chunks).toString("latin1", 0, 4), chunks);
          return noContent();
        },
        { limits },
      );
      const contents = Array.from({ length: UPLOADS }, (_, at) =>
        contentOf(at + 1),
      );
      await Promise.all(
        contents.map(async (content) => {
          const small = requestOf("GET /", ["Connection: close"]);
          const bytes = asBytes([...sent(content), small]);
          const { responses } = await exchange(address, bytes, UNTIL_CLOSED);
          assert.equal(responses[0]?.status, 204);
        }),
      );
      for (const content of contents) {
        const chunks = received.get(content.toString("latin1", 0, 4)) ?? [];
        assert.ok(Buffer.concat(chunks).equals(content));
      }
    });
  }

  test("are not what the connection reads next", async () => {
    const kept: Buffer[] = [];
    const { address } = await serveHttp(
      async (request) => {
        for await (const chunk of request.body) kept.push(chunk);
        return text(String(kept.length));
      },
      { limits },
    );
    const first = contentOf(1);
    const second = contentOf(2);
    const close = requestOf("GET /", ["Connection: close"]);
    const parts = [...inOnePiece(first), ...inOnePiece(second), close];
    await exchange(address, asBytes(parts), UNTIL_CLOSED);
    assert.ok(Buffer.concat(kept).equals(Buffer.concat([first, second])));
  });
});
