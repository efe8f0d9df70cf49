/**
 * Content codings of this Node.js: RFC 9110 §8.4.1, brotli of RFC 7932, zstd of
 * RFC 8878. "deflate" is missing on purpose: some clients expect the raw format
 * (§8.4.1.2), and every client that supports it supports gzip.
 */
import zlib from "node:zlib";

export type ContentCoding = "br" | "zstd" | "gzip";

/** Encodes content in one coding. */
export interface Encoder {
  /** Runs on a thread of libuv's pool. */
  encode(bytes: Uint8Array): Promise<Buffer>;
  /** @param flushesEachPiece whether each written piece is output at once */
  stream(flushesEachPiece: boolean): EncoderStream;
}

export type EncoderStream = zlib.BrotliCompress | zlib.Gzip;

/** See `CompressionOptions`. */
export interface EncoderLevels {
  readonly brotliQuality: number;
  readonly zstdLevel: number;
  readonly gzipLevel: number;
}

/** The types of Node.js 20 lack zstd, which came with 22.15. */
interface Zstd {
  readonly createZstdCompress?: (options: object) => zlib.BrotliCompress;
  readonly zstdCompress: (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
}

const zstd = zlib as unknown as Zstd;
const zstdConstants = zlib.constants as typeof zlib.constants & {
  readonly ZSTD_c_compressionLevel: number;
  readonly ZSTD_e_flush: number;
};

const hasZstd = typeof zstd.createZstdCompress === "function";

/** In the order of preference. */
export const CONTENT_CODINGS: readonly ContentCoding[] = hasZstd
  ? ["br", "zstd", "gzip"]
  : ["br", "gzip"];

/** 512 KiB per stream, as in nginx; the default is 4 MiB. */
const BROTLI_WINDOW_BITS = 19;
const MAX_OUTPUT_PIECE_BYTES = 65_536;
const SMALLEST_OUTPUT_BYTES = 1_024;

export function encoderFor(
  coding: ContentCoding,
  levels: EncoderLevels,
): Encoder {
  switch (coding) {
    case "br":
      return brotli(levels.brotliQuality);
    case "zstd":
      return zstandard(levels.zstdLevel);
    case "gzip":
      return gzip(levels.gzipLevel);
    default:
      return coding satisfies never;
  }
}

function brotli(quality: number): Encoder {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } =
    zlib.constants;
  const params = {
    [BROTLI_PARAM_QUALITY]: quality,
    [BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
  };
  const flush = zlib.constants.BROTLI_OPERATION_FLUSH;
  return {
    encode: (bytes) => {
      const sized = { ...params, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
      const options = { params: sized, chunkSize: outputSizeFor(bytes) };
      return encoded((done) => zlib.brotliCompress(bytes, options, done));
    },
    stream: (flushesEachPiece) =>
      zlib.createBrotliCompress(
        flushesEachPiece ? { params, flush } : { params },
      ),
  };
}

function zstandard(level: number): Encoder {
  const params = { [zstdConstants.ZSTD_c_compressionLevel]: level };
  const flush = zstdConstants.ZSTD_e_flush;
  const create =
    zstd.createZstdCompress as Required<Zstd>["createZstdCompress"];
  return {
    encode: (bytes) => {
      const options = { params, chunkSize: outputSizeFor(bytes) };
      return encoded((done) => zstd.zstdCompress(bytes, options, done));
    },
    stream: (flushesEachPiece) =>
      create(flushesEachPiece ? { params, flush } : { params }),
  };
}

function gzip(level: number): Encoder {
  const flush = zlib.constants.Z_SYNC_FLUSH;
  return {
    encode: (bytes) => {
      const options = { level, chunkSize: outputSizeFor(bytes) };
      return encoded((done) => zlib.gzip(bytes, options, done));
    },
    stream: (flushesEachPiece) =>
      zlib.createGzip(flushesEachPiece ? { level, flush } : { level }),
  };
}

function encoded(
  start: (done: (error: Error | null, result: Buffer) => void) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Large enough for one piece in most cases: each costs a thread hop. */
function outputSizeFor(bytes: Uint8Array): number {
  const half = SMALLEST_OUTPUT_BYTES + (bytes.length >> 1);
  return Math.min(half, MAX_OUTPUT_PIECE_BYTES);
}
