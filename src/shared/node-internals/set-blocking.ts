/**
 * Whether writes to a standard stream block, where it is a pipe or a socket.
 * That belongs to what was opened, which other processes may have too.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents which standard
 * streams block, and no way to change it.
 */
interface StreamWithHandle {
  readonly _handle?: { setBlocking?(isBlocking: boolean): number } | null;
}

/** @returns whether the stream has something that can be set */
export function setBlocking(
  stream: NodeJS.WriteStream,
  isBlocking: boolean,
): boolean {
  const { _handle: handle } = stream as StreamWithHandle;
  return handle?.setBlocking?.(isBlocking) === 0;
}
