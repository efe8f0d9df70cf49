/**
 * A `net.Socket` around a raw handle, with options that Node's types or
 * documentation leave out.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `new net.Socket({ fd })`, which would own a second handle, and an
 * `onread.buffer` function that always returns a buffer.
 *
 * Runs per connection.
 */
import net from "node:net";
import type { RawHandle } from "../ipc-messages.ts";

export interface HandleSocketOptions {
  readonly allowHalfOpen: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly highWaterMark: number;
  /** Whether it does not read before it is asked to. */
  readonly manualStart?: boolean;
  readonly onread?: {
    /** Undefined keeps the buffer of the read before. */
    readonly buffer: () => Buffer | undefined;
    readonly callback: (byteCount: number, buffer: Uint8Array) => boolean;
  };
}

export function socketOf(
  handle: RawHandle,
  options: HandleSocketOptions,
): net.Socket {
  const withHandle = { ...options, handle };
  return new net.Socket(withHandle as net.SocketConstructorOpts);
}
