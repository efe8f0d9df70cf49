import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants;

export interface SmallFile {
  readonly content: Buffer;
  /** Mode bits of the file that was read. */
  readonly mode: number;
}

/**
 * Reads a regular file. Refuses a pipe or a device, which may have no end,
 * without blocking.
 *
 * @param maxBytes maximum size of the file
 * @throws Error of `fs`, or for a file that is too large or not regular
 */
export function readSmallFile(file: string, maxBytes: number): SmallFile {
  const fd = openSync(file, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) {
      throw Object.assign(new Error("is not a file"), { code: "EISDIR" });
    }
    return { content: readAll(fd, maxBytes), mode: stats.mode };
  } finally {
    closeSync(fd);
  }
}

function readAll(fd: number, maxBytes: number): Buffer {
  const content = Buffer.alloc(Math.min(fstatSync(fd).size, maxBytes) + 1);
  let length = 0;
  while (length < content.length) {
    const count = readSync(fd, content, length, content.length - length, null);
    if (count === 0) return content.subarray(0, length);
    length += count;
  }
  throw new Error(`has more than ${maxBytes} bytes, or grows`);
}
