import type { HttpResponse, ResponseBody } from "../http-response.ts";

/** Reads a response body of any kind chunk by chunk. */
export interface ChunkSource {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  /** Releases what the body holds; the remaining chunks are not read. */
  cancel(): void;
}

type Chunks = AsyncIterable<string | Uint8Array>;

/**
 * `cancel()` destroys a Node `Readable` and cancels a web `ReadableStream`
 * even while a read is pending; a generator ends after the chunk it is making.
 */
export function chunkSource(body: ResponseBody): ChunkSource {
  if (typeof body === "string" || body instanceof Uint8Array) {
    return chunkSource(singleChunk(body));
  }
  if (isWebStream(body)) {
    const reader = body.getReader();
    return {
      next: () => reader.read(),
      cancel: () => ignoreErrors(() => reader.cancel()),
    };
  }
  const chunks = body as Chunks;
  const iterator = chunks[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    cancel: () => {
      ignoreErrors(() => {
        return isReadable(chunks) ? chunks.destroy() : iterator.return?.();
      });
    },
  };
}

/** Releases the body of a response that is not sent any further. */
export function discardBody({ body }: HttpResponse): void {
  if (body === null || typeof body === "string") return;
  if (body instanceof Uint8Array) return;
  ignoreErrors(() => chunkSource(body).cancel());
}

/** Runs a cleanup of the app, which may reject, or throw instead. */
export function ignoreErrors(cleanUp: () => unknown): void {
  try {
    Promise.resolve(cleanUp()).catch(() => {});
  } catch {}
}

async function* singleChunk(chunk: string | Uint8Array) {
  yield chunk;
}

interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(): Promise<void>;
  };
}

function isWebStream(body: unknown): body is WebStream {
  return typeof (body as Partial<WebStream>).getReader === "function";
}

function isReadable(body: object): body is { destroy(): void } {
  return "destroy" in body && typeof body.destroy === "function";
}
