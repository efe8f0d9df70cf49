/**
 * Runs per streamed response: one encoder, and per piece two promises and one
 * thread hop.
 */
import { type ChunkSource, chunkSource } from "../../http/body/chunk-source.ts";
import type { ResponseBody } from "../../http/http-response.ts";
import type { Encoder, EncoderStream } from "./content-coding.ts";

/**
 * Encodes a streamed body with backpressure. Reading and the encoder start with
 * the first `next()`; `return()` cancels the source and destroys the encoder at
 * once.
 */
export class EncodedBody implements AsyncIterable<Buffer> {
  readonly #body: ResponseBody;
  readonly #encoder: Encoder;
  readonly #flushAfterMs: number;
  #failure: { readonly thrown: unknown } | undefined = undefined;

  /**
   * @param flushAfterMs longest time that a piece waits in the encoder
   */
  constructor(body: ResponseBody, encoder: Encoder, flushAfterMs: number) {
    this.#body = body;
    this.#encoder = encoder;
    this.#flushAfterMs = flushAfterMs;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    const source = chunkSource(this.#body);
    let stream: EncoderStream | undefined;
    let output: AsyncIterator<Buffer, undefined> | undefined;
    const fail = (error: unknown): never => {
      throw this.#failure ? this.#failure.thrown : error;
    };
    return {
      next: () => {
        stream ??= this.#start(source);
        output ??= stream[Symbol.asyncIterator]();
        return output.next().catch(fail);
      },
      return: async () => {
        source.cancel();
        stream?.destroy();
        return { done: true, value: undefined };
      },
    };
  }

  #start(source: ChunkSource): EncoderStream {
    const stream = this.#encoder.stream(this.#flushAfterMs === 0);
    // A pending read reports errors; without one they would be uncaught.
    stream.on("error", () => {});
    feed(source, stream, this.#flushAfterMs).catch((thrown) => {
      this.#failure = { thrown };
      source.cancel();
      // Streams inspect the error, and a thrown Proxy could throw in turn.
      stream.destroy(new Error("the source failed"));
    });
    return stream;
  }
}

/** Rethrows errors of the source and of the encoder. */
async function feed(
  source: ChunkSource,
  stream: EncoderStream,
  flushAfterMs: number,
): Promise<void> {
  for (;;) {
    const next = source.next();
    const timer =
      flushAfterMs > 0 && stream.bytesWritten > 0
        ? setTimeout(() => stream.flush(), flushAfterMs)
        : undefined;
    const { done, value } = await next.finally(() => clearTimeout(timer));
    if (done) break;
    await write(stream, value);
  }
  stream.end();
}

/** Settles when the encoder has taken the piece, or is destroyed. */
function write(stream: EncoderStream, piece: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
