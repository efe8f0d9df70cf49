/** Runs per connection, and per chunk until its header is whole. */
import type { ProxyHeader } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";
import type { ProxyHeaderReading } from "./proxy-header-reading.ts";
import { readHeaderBlock } from "./read-header-block.ts";
import { readHeaderLine } from "./read-header-line.ts";

/** Enough to know how long it is; no header is complete with less. */
const FIRST_BYTES = 15;
const P = 0x50;
const CR = 0x0d;

/**
 * Reads the header that a connection begins with, cut into chunks anywhere.
 * What follows is another's, from its first byte on.
 */
export class HeaderReader {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(FIRST_BYTES);
  #count = 0;

  /** @param maxBytes of version 2; version 1 has a limit of its own */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the header when it is whole, and what follows in the chunk
   * @throws ProxyHeaderError as soon as the bytes are wrong
   */
  push(chunk: Buffer): { header: ProxyHeader; rest: Buffer } | undefined {
    let taken = 0;
    while (taken < chunk.length) {
      taken += this.#take(chunk.subarray(taken));
      const reading = this.#read();
      if (reading.type === "whole") {
        const surplus = this.#count - reading.byteCount;
        return {
          header: reading.header,
          rest: chunk.subarray(taken - surplus),
        };
      }
      this.#makeRoom(reading.mostBytes);
    }
    return undefined;
  }

  #take(chunk: Buffer): number {
    const taken = chunk.copy(this.#bytes, this.#count);
    this.#count += taken;
    return taken;
  }

  #read(): ProxyHeaderReading {
    const bytes = this.#bytes.subarray(0, this.#count);
    if (bytes[0] === P) return readHeaderLine(bytes);
    if (bytes[0] === CR) return readHeaderBlock(bytes, this.#maxBytes);
    const message = "the first byte is that of no PROXY header";
    throw new ProxyHeaderError("malformed", message);
  }

  #makeRoom(byteCount: number): void {
    if (byteCount <= this.#bytes.length) return;
    const bytes = Buffer.alloc(byteCount);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}
