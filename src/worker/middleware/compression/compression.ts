/**
 * Runs per request: a response too short to encode costs a check of its length
 * and of one field. Threads do the encoding.
 */

import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import { discardBody } from "../../http/body/chunk-source.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { Answer, Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse, type ResponseBody } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { addVary } from "../add-vary.ts";
import { afterAnswer } from "../after-answer.ts";
import { weakened } from "../conditional/entity-tag.ts";
import { hasDirective } from "../has-directive.ts";
import { codingChooser } from "./accept-encoding.ts";
import { isCompressibleType } from "./compressible-type.ts";
import {
  CONTENT_CODINGS,
  type ContentCoding,
  type Encoder,
  encoderFor,
} from "./content-coding.ts";
import { EncodedBody } from "./encoded-body.ts";

export type { ContentCoding } from "./content-coding.ts";

export interface CompressionOptions {
  /**
   * Codings to offer; the first one wins if the client weighs several equally.
   * Default: br, zstd if this Node.js has it (22.15 and later), gzip.
   */
  readonly codings?: readonly ContentCoding[];
  /** Shorter bodies are sent without a coding. Default: 1024. */
  readonly minBytes?: number;
  /**
   * Whether to compress content of a type; called with the `Content-Type`.
   * Default: text, JSON, XML, JavaScript, WebAssembly, SVG and uncompressed
   * fonts.
   */
  readonly isCompressible?: (contentType: string) => boolean;
  /**
   * Longest time in milliseconds that a piece of a stream waits in the encoder
   * for the next one. 0 sends each piece at once, which compresses less.
   * Default: 100; text/event-stream always uses 0.
   */
  readonly flushAfterMs?: number;
  /** 0 to 11. Default: 4; 5 and more are slow for little gain. */
  readonly brotliQuality?: number;
  /** 1 to 19. Default: 3, the default of zstd. */
  readonly zstdLevel?: number;
  /** 1 to 9. Default: 6, the default of zlib. */
  readonly gzipLevel?: number;
}

/** Longer bodies are encoded in pieces, to bound memory. */
const MAX_WHOLE_BYTES = 1_048_576;

/**
 * Compresses responses in the coding that the client prefers (RFC 9110
 * §12.5.3): whole bodies in one step on a thread, streams piece by piece.
 *
 * It does not change short bodies, types that do not shrink, responses with
 * `Content-Encoding`, `no-transform` (RFC 9111 §5.2.2.6) or a digest of their
 * content, and partial responses (206), whose ranges count the original
 * octets. A strong `ETag` becomes weak, `Vary` lists `Accept-Encoding`, and
 * `Content-Length` is the encoded length.
 *
 * @throws TypeError for an unknown or invalid option
 */
export function compression(options: CompressionOptions = {}): Middleware {
  const compressor = new Compressor(options);
  const change = compressor.change.bind(compressor);
  return (request, next) => {
    const answer = afterAnswer(next(request), request, change);
    // Conditional range requests are rare; only they need a promise.
    if (!isRangeByDate(request)) return answer;
    return Promise.resolve(answer).then((response) => {
      const isRefused = response.status === HttpStatus.RangeNotSatisfiable;
      if (!isRefused && !compressor.mayVary(response)) return response;
      discardBody(response);
      request.headers.delete("range");
      return afterAnswer(next(request), request, change);
    });
  };
}

class Compressor {
  readonly #chooseCoding: ReturnType<typeof codingChooser<ContentCoding>>;
  readonly #encoders: ReadonlyMap<ContentCoding, Encoder>;
  readonly #minBytes: number;
  readonly #flushAfterMs: number;
  readonly #isCompressible: (contentType: string) => boolean;

  constructor(options: CompressionOptions) {
    check(options);
    const { codings = CONTENT_CODINGS } = options;
    const levels = {
      brotliQuality: options.brotliQuality ?? 4,
      zstdLevel: options.zstdLevel ?? 3,
      gzipLevel: options.gzipLevel ?? 6,
    };
    this.#chooseCoding = codingChooser(codings);
    this.#encoders = new Map(
      codings.map((coding) => [coding, encoderFor(coding, levels)]),
    );
    this.#minBytes = options.minBytes ?? 1_024;
    this.#flushAfterMs = options.flushAfterMs ?? 100;
    this.#isCompressible = options.isCompressible ?? isCompressibleType;
  }

  change(response: HttpResponse, request: HttpRequest): Answer {
    const field = request.headers.get("accept-encoding");
    const { coding, refusesIdentity } = this.#chooseCoding(field);
    if (response.status === HttpStatus.NotModified) {
      return likeEncoded(response, coding);
    }
    if (response.status === HttpStatus.PartialContent) {
      const isVaried = refusesIdentity || this.mayVary(response);
      if (isVaried && isTransformable(response)) {
        addVary(response.headers, "Accept-Encoding");
      }
      return response;
    }
    // A client that refuses identity gets short content encoded as well.
    const isWorthIt =
      !this.#isShort(response) && this.#isCompressibleResponse(response);
    if (!isWorthIt && !refusesIdentity) return response;
    if (!isTransformable(response)) return response;
    addVary(response.headers, "Accept-Encoding");
    if (coding === undefined) return response;
    if (response.body === null) return withoutBody(response, request, coding);
    return this.#encoded(response, { coding, refusesIdentity });
  }

  /** Whether the response is part of content that others may get encoded. */
  mayVary(response: HttpResponse): boolean {
    const { status, fields } = response;
    if (status !== HttpStatus.PartialContent) return false;
    if (!isTransformable(response)) return false;
    const [, bytes] =
      WHOLE_BYTES.exec(fields?.get("content-range") ?? "") ?? [];
    if (bytes !== undefined && Number(bytes) < this.#minBytes) return false;
    // The type of multipart/byteranges hides the type of the content.
    const contentType = fields?.get("content-type") ?? "";
    return (
      BYTE_RANGES.test(contentType) || this.#isCompressibleResponse(response)
    );
  }

  #encoded(
    response: HttpResponse,
    { coding, refusesIdentity }: RequiredChoice,
  ): Answer {
    const { body } = response;
    const encoder = this.#encoders.get(coding) as Encoder;
    if (!isWhole(body) || body.length > MAX_WHOLE_BYTES) {
      const source = isWhole(body) ? onePiece(body) : body;
      const flushAfterMs = this.#flushAfterMsOf(response);
      const pieces = new EncodedBody(source, encoder, flushAfterMs);
      return inCoding(coding, response, pieces);
    }
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    return encoder.encode(bytes).then((result) => {
      const isShorter = result.length < bytes.length;
      if (!isShorter && !refusesIdentity) return response;
      return inCoding(coding, response, result);
    });
  }

  #isShort({ body, fields }: HttpResponse): boolean {
    if (isWhole(body)) {
      if (body.length >= this.#minBytes) return false;
      return Buffer.byteLength(body) < this.#minBytes;
    }
    const declared = fields?.get("content-length");
    if (declared !== undefined) return Number(declared) < this.#minBytes;
    return body === null;
  }

  #isCompressibleResponse({ fields }: HttpResponse): boolean {
    const contentType = fields?.get("content-type");
    return contentType !== undefined && this.#isCompressible(contentType);
  }

  #flushAfterMsOf({ fields }: HttpResponse): number {
    const contentType = fields?.get("content-type") ?? "";
    return EVENT_STREAM.test(contentType) ? 0 : this.#flushAfterMs;
  }
}

interface RequiredChoice {
  readonly coding: ContentCoding;
  readonly refusesIdentity: boolean;
}

const EVENT_STREAM = /^text\/event-stream[ \t]*(?:;|$)/i;
const BYTE_RANGES = /^multipart\/byteranges[ \t]*(?:;|$)/i;
/** The complete length in `Content-Range`. */
const WHOLE_BYTES = /^bytes \d{1,16}-\d{1,16}\/(\d{1,16})$/i;
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([
  HttpStatus.SwitchingProtocols,
  HttpStatus.NoContent,
  HttpStatus.ResetContent,
]);

/**
 * RFC 9110 §13.1.5, §8.8.1: all codings of a file share one date, so a date
 * does not identify the coding that the client has a part of.
 */
function isRangeByDate({ method, headers }: HttpRequest): boolean {
  if (method !== "GET" || !headers.has("range")) return false;
  const condition = headers.get("if-range");
  return condition !== undefined && !condition.endsWith('"');
}

function isTransformable({ status, fields }: HttpResponse): boolean {
  if (WITHOUT_CONTENT.has(status)) return false;
  if (fields === undefined) return true;
  if (fields.has("content-encoding")) return false;
  // RFC 9530 §2, §3: the digests cover the octets that would change.
  if (fields.has("content-digest") || fields.has("repr-digest")) return false;
  return !hasDirective(fields, "no-transform");
}

/**
 * A 304 with the fields of the 200 response (RFC 9110 §15.4.5). It does not
 * show the type of the content; a weak tag matches with and without a coding.
 */
function likeEncoded(
  response: HttpResponse,
  coding: ContentCoding | undefined,
): HttpResponse {
  addVary(response.headers, "Accept-Encoding");
  const etag = response.fields?.get("etag");
  if (etag !== undefined && coding !== undefined) {
    response.headers.set("ETag", weakened(etag));
  }
  return response;
}

/** RFC 9110 §9.3.2: a HEAD response has the fields of the GET response. */
function withoutBody(
  response: HttpResponse,
  { method }: HttpRequest,
  coding: ContentCoding,
): HttpResponse {
  // A body in pieces, like that of the GET, has no Content-Length.
  return method === "HEAD" ? inCoding(coding, response, noPieces()) : response;
}

function inCoding(
  coding: ContentCoding,
  response: HttpResponse,
  body: ResponseBody,
): HttpResponse {
  const { status, reason } = response;
  const headers = new HttpHeaders(response.fields);
  headers.set("Content-Encoding", coding);
  headers.delete("content-length");
  // Ranges would count the original octets.
  headers.delete("accept-ranges");
  const etag = headers.get("etag");
  // RFC 9110 §8.8.3.3: different octets need a different strong tag.
  if (etag !== undefined) headers.set("ETag", weakened(etag));
  const init = { status, headers, ...(reason !== undefined && { reason }) };
  return new HttpResponse(body, init).setTrailers(response.trailers);
}

function isWhole(body: ResponseBody): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}

async function* onePiece(body: string | Uint8Array) {
  yield body;
}

async function* noPieces(): AsyncGenerator<Uint8Array> {}

function check(options: CompressionOptions): void {
  const { codings = CONTENT_CODINGS } = options;
  checkOptions("compression()", options, {
    codings: {
      isValid: (value) => Array.isArray(value) && value.every(isKnown),
      valid: `an array of ${CONTENT_CODINGS.join(", ")}${hintFor(codings)}`,
    },
    minBytes: integer(0, Number.MAX_SAFE_INTEGER),
    isCompressible: ofType("function"),
    flushAfterMs: integer(0, 3_600_000),
    brotliQuality: integer(0, 11),
    zstdLevel: integer(1, 19),
    gzipLevel: integer(1, 9),
  });
}

function isKnown(coding: unknown): boolean {
  return CONTENT_CODINGS.includes(coding as ContentCoding);
}

function hintFor(codings: unknown): string {
  const needsOtherNode =
    Array.isArray(codings) && codings.includes("zstd") && !isKnown("zstd");
  return needsOtherNode ? "; zstd comes with Node.js 22.15 and later" : "";
}
