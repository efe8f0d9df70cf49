/**
 * Frames in a stream of bytes: a line of JSON, and after it the bytes whose
 * number is in the line as `bytes`. Files pass through without being encoded.
 */

export interface Frame {
  readonly head: object;
  readonly data: Buffer | undefined;
}

/** Longest data of a frame. */
export const MAX_DATA_BYTES = 256 * 1024;

/** Longest line; three stacks of 30 frames take about 30 KB. */
const MAX_HEAD_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;
const NO_BYTES = Buffer.alloc(0);

export function frameOf(head: object): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/** Frames that together carry the data, each with the same head. */
export function* dataFrames(head: object, data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; at += MAX_DATA_BYTES) {
    const part = data.subarray(at, at + MAX_DATA_BYTES);
    const line = frameOf({ ...head, bytes: part.length });
    yield Buffer.concat([line, part]);
  }
}

/** Takes the bytes of a stream apart. */
export class FrameReader {
  #rest = NO_BYTES;
  /** Defined while the data of a frame is incomplete. */
  #begun: { readonly head: object; readonly bytes: number } | undefined;

  /**
   * @returns the frames that the chunk completes
   * @throws Error if the stream has no frames or too long ones
   */
  push(chunk: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (!frame) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    this.#begun ??= this.#takeHead();
    if (!this.#begun) return undefined;
    const { head, bytes } = this.#begun;
    if (this.#rest.length < bytes) return undefined;
    const data = bytes === 0 ? undefined : this.#take(bytes);
    this.#begun = undefined;
    return { head, data };
  }

  #takeHead(): { head: object; bytes: number } | undefined {
    const end = this.#rest.indexOf(LINE_FEED);
    const length = end < 0 ? this.#rest.length : end;
    if (length > MAX_HEAD_BYTES) throw new Error("a line is too long");
    if (end < 0) return undefined;
    const head: unknown = JSON.parse(this.#take(end + 1).toString());
    if (typeof head !== "object" || head === null) {
      throw new Error("a line is not an object");
    }
    return { head, bytes: bytesIn(head) };
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}

function bytesIn({ bytes = 0 }: { bytes?: unknown }): number {
  const isValid =
    Number.isSafeInteger(bytes) &&
    Number(bytes) >= 0 &&
    Number(bytes) <= MAX_DATA_BYTES;
  if (isValid) return Number(bytes);
  throw new Error("the length of the data is not valid");
}
