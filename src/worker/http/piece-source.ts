import { letGo } from "./let-go.ts";
import type { ResponseBody } from "./response.ts";

/** A response body that comes in pieces, whatever kind it is. */
export interface PieceSource {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  /** Nobody wants the rest: what the body holds is let go at once. */
  cancel(): void;
}

type Pieces = AsyncIterable<string | Uint8Array>;

/**
 * A Node `Readable` is destroyed, a web `ReadableStream` cancelled, also while
 * a piece is awaited; a generator learns of it with its next piece.
 */
export function pieceSource(body: ResponseBody): PieceSource {
  if (typeof body === "string" || body instanceof Uint8Array) {
    return pieceSource(onePiece(body));
  }
  if (isWebStream(body)) {
    const reader = body.getReader();
    return {
      next: () => reader.read(),
      cancel: () => letGo(() => reader.cancel()),
    };
  }
  const pieces = body as Pieces;
  const iterator = pieces[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    cancel: () => {
      letGo(() => {
        return isReadable(pieces) ? pieces.destroy() : iterator.return?.();
      });
    },
  };
}

async function* onePiece(piece: string | Uint8Array) {
  yield piece;
}

interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(): Promise<void>;
  };
}

function isWebStream(body: unknown): body is WebStream {
  return typeof (body as Partial<WebStream>).getReader === "function";
}

function isReadable(body: object): body is { destroy(): void } {
  return "destroy" in body && typeof body.destroy === "function";
}
