import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants;

export interface SmallFile {
  readonly content: Buffer;
  /** Its bits, of the very file that was read. */
  readonly mode: number;
}

/**
 * The content of a regular file. A pipe or a device, of which there is no end,
 * is refused and not waited for.
 *
 * @param maxBytes more is refused
 * @throws Error as `fs` does, or that says what it is instead
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
