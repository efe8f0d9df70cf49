import type { HttpHeaders } from "../../http/fields/http-headers.ts";

/** Finds a body in what a connection receives; knows no socket. */
export interface BodyDecoder {
  /**
   * Reads `bytes` from `start`, calls `onChunk` for each piece of content;
   * what it gets is valid until it returns.
   *
   * @returns where it stopped: at the end of the bytes, or of the body
   * @throws ProtocolError
   */
  decode(bytes: Buffer, start: number, onChunk: OnChunk): number;
  readonly isDone: boolean;
  /** Bytes still to come, or infinity where that is not known. */
  readonly remainingBytes: number;
  /** Fields after the last chunk, once it is done, if there are any. */
  readonly trailers: HttpHeaders | undefined;
}

export type OnChunk = (chunk: Buffer) => void;
