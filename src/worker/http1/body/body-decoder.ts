import type { HttpHeaders } from "../../http/fields/http-headers.ts";

/** Finds the content of a body in received bytes. */
export interface BodyDecoder {
  /**
   * Reads `bytes` from `start` and calls `onChunk` for each piece of content,
   * which is valid until it returns.
   *
   * @returns the end of the bytes, or of the body
   * @throws ProtocolError
   */
  decode(bytes: Buffer, start: number, onChunk: OnChunk): number;
  readonly isDone: boolean;
  /** Bytes to come; infinity if that is not known. */
  readonly remainingBytes: number;
  /** Set once the body is done, if it has trailers. */
  readonly trailers: HttpHeaders | undefined;
}

export type OnChunk = (chunk: Buffer) => void;
