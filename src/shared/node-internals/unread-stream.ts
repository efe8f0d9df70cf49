/**
 * Puts a stream that was flowing or paused back to where nobody has begun to
 * read: bytes wait in it for the first listener.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `readable.readableFlowing` as a property to be read, and no way back to null.
 */
import type { Readable } from "node:stream";

export function resetFlow(stream: Readable): void {
  (stream as { readableFlowing: boolean | null }).readableFlowing = null;
}
