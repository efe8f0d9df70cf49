/**
 * Sends a response body that comes in pieces: as chunks or to a declared
 * length, no faster than the client reads.
 */
import type { Transport } from "../net/protocol.ts";
import type { ResponseFraming } from "./response-encoder.ts";
import { chunkSize, LAST_CHUNK } from "./response-encoder.ts";

export type StreamBody = AsyncIterable<string | Uint8Array>;

export interface PumpTarget {
  readonly transport: Transport;
  readonly framing: ResponseFraming;
  /** Resolves when there is room, or nobody to send to. */
  readonly untilWritable: () => Promise<void>;
  /** Whether the response is still wanted. */
  readonly isWanted: () => boolean;
}

/**
 * @returns the bytes of content sent, or undefined when the client had left
 * @throws what the body throws, and TypeError where its length is not what was
 * declared, or a piece is neither text nor bytes
 */
export async function pumpBody(
  body: StreamBody,
  target: PumpTarget,
): Promise<number | undefined> {
  const { transport, framing, isWanted } = target;
  const declared = typeof framing === "number" ? framing : undefined;
  let sentBytes = 0;
  for await (const piece of body) {
    const bytes = toBytes(piece);
    sentBytes += bytes.byteLength;
    if (!isWanted()) return undefined;
    if (declared !== undefined && sentBytes > declared) break;
    sendPiece(transport, bytes, framing);
    if (!transport.canSend) await target.untilWritable();
    // Leaving the loop tells the body that nobody wants the rest.
    if (!isWanted()) return undefined;
  }
  if (!isWanted()) return undefined;
  if (declared !== undefined && sentBytes !== declared) {
    throw new TypeError(
      `a body declared to have ${declared} bytes had ` +
        `${sentBytes > declared ? "more" : sentBytes}`,
    );
  }
  if (framing === "chunked") transport.send(LAST_CHUNK);
  return sentBytes;
}

/** Ends a body of which nothing is sent, as for HEAD. */
export async function cancelBody(body: StreamBody): Promise<void> {
  if ("destroy" in body && typeof body.destroy === "function") body.destroy();
  else await body[Symbol.asyncIterator]().return?.();
}

function sendPiece(
  transport: Transport,
  bytes: Uint8Array,
  framing: ResponseFraming,
): void {
  // An empty chunk would be the last one.
  if (bytes.byteLength === 0) return;
  if (framing !== "chunked") {
    transport.send(bytes);
    return;
  }
  transport.cork();
  transport.send(chunkSize(bytes.byteLength));
  transport.send(bytes);
  transport.send("\r\n");
  transport.uncork();
}

function toBytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") return Buffer.from(piece);
  throw new TypeError(
    `a piece of a body is text or bytes, not ${typeof piece}`,
  );
}
