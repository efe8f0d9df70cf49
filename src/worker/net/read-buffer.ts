/**
 * The buffers that sockets read into. All connections share one, so an idle
 * connection holds none, and a chunk that must be kept is copied. A connection
 * that keeps one large chunk after the other reads into buffers of its own
 * instead, which saves the copies. Runs per read.
 *
 * Node asks for a buffer when a socket opens, and after each read for another
 * one or none. It does so right after the socket's `callback`, so one variable
 * serves all sockets.
 */
export const READ_BUFFER_BYTES = 65_536;

const shared = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
let next: Buffer | undefined = shared;

/** For `onread.buffer`; undefined keeps the buffer of the last read. */
export function nextReadBuffer(): Buffer | undefined {
  const given = next;
  next = shared;
  return given;
}

/** The default after each read: the socket keeps its buffer. */
export function keepReadBuffer(): void {
  next = undefined;
}

/** Called during a read: gives the socket another buffer for the next one. */
export function changeReadBuffer(isOwn: boolean): void {
  next = isOwn ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES) : shared;
}
