/**
 * Runs per streamed response: one encoder, and per piece two promises and the
 * way to a thread and back.
 */
import { type ChunkSource, chunkSource } from "../../http/body/chunk-source.ts";
import type { ResponseBody } from "../../http/http-response.ts";
import type { Encoder, EncoderStream } from "./content-coding.ts";

/**
 * A body in pieces, encoded as they come and no faster than they are taken.
 * Nothing is read and no encoder made before the first piece is asked for;
 * when nobody wants the rest, both ends of it are let go at once.
 */
export class EncodedBody implements AsyncIterable<Buffer> {
  readonly #body: ResponseBody;
  readonly #encoder: Encoder;
  readonly #flushAfterMs: number;
  #failure: { readonly thrown: unknown } | undefined = undefined;

  /**
   * @param flushAfterMs how long a piece may wait in the encoder for the next
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
    // Who reads it gets its errors; after the last read nobody does.
    stream.on("error", () => {});
    feed(source, stream, this.#flushAfterMs).catch((thrown) => {
      this.#failure = { thrown };
      source.cancel();
      // Not with what was thrown: streams read it, and a Proxy may throw then.
      stream.destroy(new Error("the source failed"));
    });
    return stream;
  }
}

/** @throws what the source or the encoder throws */
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

/** Settles when the encoder has room for more, or is gone. */
function write(stream: EncoderStream, piece: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
