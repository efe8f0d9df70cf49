/**
 * What sockets read into. All share one buffer, so an idle connection holds
 * none; a chunk that is to be kept is copied out of it. Who keeps large chunks,
 * one after the other, reads into buffers of its own for so long, and saves the
 * copies. Runs per read.
 *
 * Node asks for a buffer when a socket opens, and after each read for another
 * one or none: that is always right after the socket's `callback`, so one
 * variable serves all sockets.
 */
export const READ_BUFFER_BYTES = 65_536;

const shared = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
let next: Buffer | undefined = shared;

/** For `onread.buffer`; undefined is for the one that it was. */
export function nextReadBuffer(): Buffer | undefined {
  const given = next;
  next = shared;
  return given;
}

/** From a read on: the socket reads into the same again, unless it is said. */
export function readIntoTheSame(): void {
  next = undefined;
}

export function readIntoAnother(isOwn: boolean): void {
  next = isOwn ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES) : shared;
}
