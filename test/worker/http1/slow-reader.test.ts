/** A client that reads slowly, over real sockets: who produces is held back. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { describe, test } from "node:test";
import {
  HttpResponse,
  type ResponseBody,
} from "../../../src/worker/http/http-response.ts";
import { connect } from "../../support/server-address.ts";
import { untilStill } from "../../support/until-still.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

const MEGABYTE = 1_048_576;
const TOTAL_BYTES = 50 * MEGABYTE;
const PIECE = Buffer.alloc(65_536, "x");
/** What the kernel's buffers may take of it, on both sides. */
const KERNEL_BYTES = 20 * MEGABYTE;

/** Counts what it gives, and whether it was told to end. */
class Producer {
  givenBytes = 0;
  isEnded = false;

  next(): Buffer | null {
    if (this.givenBytes === TOTAL_BYTES) return null;
    this.givenBytes += PIECE.length;
    return PIECE;
  }

  end(): void {
    this.isEnded = true;
  }
}

const kinds: [what: string, bodyOf: (producer: Producer) => ResponseBody][] = [
  [
    "an async generator",
    async function* (producer) {
      try {
        for (let piece = producer.next(); piece; piece = producer.next()) {
          yield piece;
        }
      } finally {
        producer.end();
      }
    },
  ],
  [
    "a Readable",
    (producer) =>
      new Readable({
        read() {
          this.push(producer.next());
        },
        destroy(error, done) {
          producer.end();
          done(error);
        },
      }),
  ],
  [
    "a web ReadableStream",
    (producer) =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          const piece = producer.next();
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
        cancel: () => producer.end(),
      }),
  ],
];

for (const [what, bodyOf] of kinds) {
  describe(`an answer from ${what}`, () => {
    async function begin() {
      const producer = new Producer();
      const { address } = await serveHttp(() => {
        return new HttpResponse(bodyOf(producer), {
          headers: { "Content-Length": TOTAL_BYTES },
        });
      });
      const client = connect(address);
      client.pause();
      client.write(requestOf("GET /", ["Connection: close"]));
      await untilStill(() => producer.givenBytes, "the producer");
      assert.ok(producer.givenBytes < KERNEL_BYTES, `${producer.givenBytes}`);
      assert.equal(producer.isEnded, false);
      return { producer, client };
    }

    test("waits for its client, and goes on with it", async () => {
      const { producer, client } = await begin();
      let receivedBytes = 0;
      let mostAheadBytes = 0;
      client.on("data", (chunk: Buffer) => {
        receivedBytes += chunk.length;
        const aheadBytes = producer.givenBytes - receivedBytes;
        mostAheadBytes = Math.max(mostAheadBytes, aheadBytes);
      });
      client.resume();
      await once(client, "end");
      assert.ok(receivedBytes > TOTAL_BYTES);
      assert.equal(producer.givenBytes, TOTAL_BYTES);
      assert.ok(mostAheadBytes < KERNEL_BYTES, `${mostAheadBytes}`);
    });

    test("ends with its client", async () => {
      const { producer, client } = await begin();
      client.destroy();
      await waitUntil(() => producer.isEnded, { what: "the producer's end" });
      assert.ok(producer.givenBytes < TOTAL_BYTES);
    });
  });
}
