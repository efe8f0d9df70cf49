/** Runs per connection, and per chunk until the PROXY header is complete. */
import type { ProxyHeader, ProxyHeaderReading } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";
import { readProxyV1 } from "./read-proxy-v1.ts";
import { readProxyV2 } from "./read-proxy-v2.ts";

/** No complete header is shorter, and they tell the maximum length. */
const FIRST_BYTES = 15;
const P = 0x50;
const CR = 0x0d;

/**
 * Reads the header at the start of a connection, split into chunks anywhere.
 * Never takes a byte beyond the header.
 */
export class ProxyHeaderReader {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(FIRST_BYTES);
  #count = 0;

  /** @param maxBytes limit for version 2; version 1 has a limit of its own */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the complete header with the remaining bytes of the chunk
   * @throws ProxyHeaderError as soon as the bytes are wrong
   */
  push(chunk: Buffer): { header: ProxyHeader; rest: Buffer } | undefined {
    let taken = 0;
    while (taken < chunk.length) {
      taken += this.#take(chunk.subarray(taken));
      const reading = this.#read();
      if (reading.type === "complete") {
        const surplus = this.#count - reading.byteCount;
        return {
          header: reading.header,
          rest: chunk.subarray(taken - surplus),
        };
      }
      this.#reserve(reading.maxBytes);
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
    if (bytes[0] === P) return readProxyV1(bytes);
    if (bytes[0] === CR) return readProxyV2(bytes, this.#maxBytes);
    const message = "the first byte does not begin a PROXY header";
    throw new ProxyHeaderError("malformed", message);
  }

  #reserve(byteCount: number): void {
    if (byteCount <= this.#bytes.length) return;
    const bytes = Buffer.alloc(byteCount);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}
