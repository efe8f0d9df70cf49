/**
 * Sends a response body that is produced in pieces, in chunks or up to a
 * declared length, no faster than the client reads.
 */
import type { ChunkSource } from "../../http/body/chunk-source.ts";
import type { ResponseTrailers } from "../../http/fields/response-trailers.ts";
import type { Transport } from "../../net/protocol.ts";
import type { ResponseFraming } from "../response-encoder.ts";
import { chunkSize, LAST_CHUNK, lastChunk } from "../response-encoder.ts";

export interface PumpTarget {
  readonly transport: Transport;
  readonly framing: ResponseFraming;
  /** Sent only with chunked framing. */
  readonly trailers: ResponseTrailers | undefined;
  /** Resolves when there is room, or when the connection has closed. */
  readonly untilWritable: () => Promise<void>;
  /** Whether the connection still sends this response. */
  readonly isWanted: () => boolean;
}

/**
 * @returns the bytes of content sent, or undefined if the response was no
 * longer wanted
 * @throws errors of the body and its trailers, and TypeError for a body that
 * does not have its declared length or a piece that is neither text nor bytes
 */
export async function pumpBody(
  source: ChunkSource,
  target: PumpTarget,
): Promise<number | undefined> {
  const { transport, framing, trailers, isWanted, untilWritable } = target;
  const declared = typeof framing === "number" ? framing : undefined;
  let sentBytes = 0;
  for (;;) {
    const { done, value } = await source.next();
    if (!isWanted()) break;
    if (done) {
      if (declared !== undefined) checkLength(sentBytes, declared);
      if (framing === "chunked") {
        const last = trailers ? lastChunk(await trailers.fields()) : LAST_CHUNK;
        if (!isWanted()) return undefined;
        transport.send(last);
      }
      return sentBytes;
    }
    const piece = checkedPiece(value);
    sentBytes += Buffer.byteLength(piece);
    if (declared !== undefined && sentBytes > declared) {
      checkLength(sentBytes, declared);
    }
    sendPiece(transport, piece, framing);
    if (!transport.canSend) await untilWritable();
    if (!isWanted()) break;
  }
  source.cancel();
  return undefined;
}

function checkLength(sentBytes: number, declared: number): void {
  if (sentBytes === declared) return;
  const had = sentBytes > declared ? "more" : `${sentBytes}`;
  throw new TypeError(`a body declared to have ${declared} bytes had ${had}`);
}

function sendPiece(
  transport: Transport,
  piece: string | Uint8Array,
  framing: ResponseFraming,
): void {
  const length = Buffer.byteLength(piece);
  if (length === 0) return; // an empty chunk would end the body
  const isAscii = piece.length === length;
  const bytes = typeof piece === "string" && !isAscii ? encode(piece) : piece;
  if (framing !== "chunked") {
    transport.send(bytes);
  } else if (typeof bytes === "string") {
    transport.send(`${chunkSize(length)}${bytes}\r\n`);
  } else {
    transport.cork();
    transport.send(chunkSize(length));
    transport.send(bytes);
    transport.send("\r\n");
    transport.uncork();
  }
}

function encode(text: string): Uint8Array {
  return Buffer.from(text);
}

function checkedPiece(piece: unknown): string | Uint8Array {
  if (typeof piece === "string" || piece instanceof Uint8Array) return piece;
  throw new TypeError(
    `a piece of a body is text or bytes, not ${typeof piece}`,
  );
}
