/**
 * Takes the connection out of a socket, which then closes alone.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that a socket
 * can be sent to a child process, and not to its parent with what was read.
 *
 * Runs per connection that is given to another process.
 */
import type { Socket } from "node:net";
import type { RawHandle } from "../ipc-messages.ts";

interface ReadingHandle extends RawHandle {
  reading: boolean;
  onread: () => void;
  readStop(): number;
}

/** @returns undefined if the socket has closed */
export function detachHandle(socket: Socket): RawHandle | undefined {
  const owner = socket as unknown as { _handle: ReadingHandle | null };
  const handle = owner._handle;
  if (!handle) return undefined;
  handle.readStop();
  handle.reading = false;
  handle.onread = () => {};
  owner._handle = null;
  socket.destroy();
  return handle;
}
