/**
 * The raw handle of a connection: a `TCP` or `Pipe` object, as a listening
 * handle gives it, IPC passes it, and a `net.Socket` keeps it.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `socket.remoteAddress`, which keeps an object with the socket;
 * `socket.bytesWritten`, which includes bytes that the kernel has not taken;
 * and no descriptor.
 *
 * Runs per connection.
 */
import type { Socket } from "node:net";
import type { RawHandle } from "../ipc-messages.ts";

interface StreamHandle extends RawHandle {
  readonly fd?: number;
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  /** Absent for a unix socket. */
  getpeername?(out: { address?: string }): number;
}

/** Undefined once the socket has closed. */
export function handleOf(socket: Socket): RawHandle | undefined {
  const { _handle } = socket as { readonly _handle?: RawHandle | null };
  return _handle ?? undefined;
}

export function descriptorOf(handle: RawHandle): number | undefined {
  return (handle as StreamHandle).fd;
}

/** Also once a TCP connection is gone it is told from a unix socket. */
export function isUnixSocket(handle: RawHandle): boolean {
  return (handle as StreamHandle).getpeername === undefined;
}

/** The peer's IP address; undefined once the connection is gone. */
export function peerIpOf(handle: RawHandle): string | undefined {
  const found: { address?: string } = {};
  const status = (handle as StreamHandle).getpeername?.(found);
  return status === 0 ? found.address : undefined;
}

/** Bytes that the kernel has taken, parts of a pending write included. */
export function sentBytesOf(socket: Socket): number {
  const handle = handleOf(socket) as StreamHandle | undefined;
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}
