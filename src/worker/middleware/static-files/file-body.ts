/** Runs per piece of a file: one buffer and one way to a thread each. */
import type { FileHandle } from "node:fs/promises";
import type { ByteRange } from "./byte-ranges.ts";
import type { FileContent } from "./file-content.ts";

/** As much as a file stream of Node.js reads at a time. */
export const PIECE_BYTES = 65_536;

/**
 * Parts of an open file, read as they are asked for. The file is closed at the
 * end, on failure, and when nobody wants the rest, also of what was never
 * begun.
 *
 * The content has the length that the file had when it was opened: of a file
 * that grows the rest is left out, and one that shrinks is an error, since what
 * is sent cannot become whole any more.
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
        await pieces.return(undefined); // after the read that is under way
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

/** All of a range at once. @throws Error where the file has become shorter */
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
