import type { Socket } from "node:net";

/** What is used of the handle of a TCP connection or of a unix socket. */
export interface SystemHandle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  /** Not of a unix socket. */
  getpeername?(out: { address?: string }): number;
}

/** Undefined where the socket has closed. Node has no documented name for it. */
export function systemHandle(wire: Socket): SystemHandle | undefined {
  const { _handle } = wire as { readonly _handle?: SystemHandle | null };
  return _handle ?? undefined;
}
