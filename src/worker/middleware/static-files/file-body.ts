/** Runs per piece of a file: one buffer and one thread hop. */
import type { FileHandle } from "node:fs/promises";
import type { ByteRange } from "./byte-ranges.ts";
import type { FileContent } from "./file-content.ts";

/** Read size of a file stream in Node.js. */
export const PIECE_BYTES = 65_536;

/**
 * Streams parts of an open file, with backpressure. It closes the file at the
 * end, on failure, and on `return()`, even before the first read.
 *
 * The length is fixed when the file is opened. If the file grows, the new part
 * is ignored; if it shrinks, reading fails, because the announced length can no
 * longer be sent.
 */
export class FileBody implements AsyncIterable<Uint8Array> {
  readonly #handle: FileHandle;
  readonly #content: FileContent;

  constructor(handle: FileHandle, content: FileContent) {
    this.#handle = handle;
    this.#content = content;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const pieces = this.#pieces();
    const handle = this.#handle;
    return {
      next: () => pieces.next(),
      return: async () => {
        await pieces.return(undefined); // waits for a pending read
        await handle.close();
        return { done: true, value: undefined };
      },
    };
  }

  async *#pieces(): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (const part of this.#content.parts) {
        if (typeof part === "string") yield Buffer.from(part, "latin1");
        else yield* piecesOf(this.#handle, part);
      }
    } finally {
      await this.#handle.close();
    }
  }
}

/** Reads a whole range. @throws Error if the file has become shorter */
export async function readRange(
  handle: FileHandle,
  { first, last }: ByteRange,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(last - first + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, {
      offset: length,
      position: first + length,
    });
    if (bytesRead === 0) {
      const there = first + length;
      throw new Error(`a file was cut to ${there} bytes while it was sent`);
    }
    length += bytesRead;
  }
  return buffer;
}

async function* piecesOf(handle: FileHandle, { first, last }: ByteRange) {
  for (let at = first; at <= last; at += PIECE_BYTES) {
    const end = Math.min(last, at + PIECE_BYTES - 1);
    yield await readRange(handle, { first: at, last: end });
  }
}
