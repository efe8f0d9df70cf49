/**
 * Runs per request: answers too short to encode cost a look at their length
 * and one at a field; encoding itself is done by threads.
 */
import { discardBody } from "../../http/body/chunk-source.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { Answer, Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse, type ResponseBody } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { addVary } from "../add-vary.ts";
import { afterAnswer } from "../after-answer.ts";
import { checkOptions, integer, ofType } from "../check-options.ts";
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
   * What to offer, the best first: of codings that a client likes equally the
   * first one is taken. Default: br, zstd where this Node.js has it (22.15 and
   * later), gzip.
   */
  readonly codings?: readonly ContentCoding[];
  /** Shorter bodies are left alone. Default: 1024. */
  readonly minBytes?: number;
  /**
   * Whether content of such a type shrinks; called with the `Content-Type`.
   * Default: text, JSON, XML, JavaScript, WebAssembly, SVG and fonts that are
   * not compressed.
   */
  readonly isCompressible?: (contentType: string) => boolean;
  /**
   * How long a piece of a stream may wait in the encoder for the next one, in
   * milliseconds; 0 sends each at once, at the cost of size. Default: 100, but
   * for text/event-stream always 0.
   */
  readonly flushAfterMs?: number;
  /** 0 to 11. Default: 4; from 5 on it gets slow for what it gives. */
  readonly brotliQuality?: number;
  /** 1 to 19. Default: 3, zstd's own. */
  readonly zstdLevel?: number;
  /** 1 to 9. Default: 6, zlib's own. */
  readonly gzipLevel?: number;
}

/** Longer ones are encoded in pieces, so that the result is never whole. */
const MAX_WHOLE_BYTES = 1_048_576;

/**
 * Compresses answers in the coding that the client likes best (RFC 9110
 * §12.5.3): whole bodies on a thread into whole ones, streams as they come.
 *
 * Left alone are bodies that are short or of a type that does not shrink, those
 * with `Content-Encoding`, `no-transform` (RFC 9111 §5.2.2.6) or a digest of
 * their content, and partial ones (206), whose ranges count the octets of the
 * content as it is. A strong `ETag` becomes a weak one, `Vary` names
 * `Accept-Encoding`, `Content-Length` is that of what is sent.
 *
 * @throws TypeError for an option that is none
 */
export function compression(options: CompressionOptions = {}): Middleware {
  const compressor = new Compressor(options);
  const change = compressor.change.bind(compressor);
  return (request, next) => {
    const answer = afterAnswer(next(request), request, change);
    // A request for a range on a condition is rare: nobody else waits for it.
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
    // Who refuses the content as it is gets also this encoded, if it can be.
    const isWorthIt = !this.#isShort(response) && this.#isOfGoodType(response);
    if (!isWorthIt && !refusesIdentity) return response;
    if (!isTransformable(response)) return response;
    addVary(response.headers, "Accept-Encoding");
    if (coding === undefined) return response;
    if (response.body === null) return withoutBody(response, request, coding);
    return this.#encoded(response, { coding, refusesIdentity });
  }

  /** Whether it is a part of what others may have got encoded. */
  mayVary(response: HttpResponse): boolean {
    const { status, fields } = response;
    if (status !== HttpStatus.PartialContent) return false;
    if (!isTransformable(response)) return false;
    const [, bytes] =
      WHOLE_BYTES.exec(fields?.get("content-range") ?? "") ?? [];
    if (bytes !== undefined && Number(bytes) < this.#minBytes) return false;
    // A response of several parts does not show the type of the whole.
    const contentType = fields?.get("content-type") ?? "";
    return BYTE_RANGES.test(contentType) || this.#isOfGoodType(response);
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

  #isOfGoodType({ fields }: HttpResponse): boolean {
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
/** How long the whole is of which a part is sent. */
const WHOLE_BYTES = /^bytes \d{1,16}-\d{1,16}\/(\d{1,16})$/i;
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([
  HttpStatus.SwitchingProtocols,
  HttpStatus.NoContent,
  HttpStatus.ResetContent,
]);

/**
 * RFC 9110 §13.1.5, §8.8.1: the date of a file is that of each of its codings,
 * so it does not say which of them the client has a part of.
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
  // RFC 9530 §2, §3: digests of the very octets that would change.
  if (fields.has("content-digest") || fields.has("repr-digest")) return false;
  return !hasDirective(fields, "no-transform");
}

/**
 * A 304 with the fields that the 200 would have had (RFC 9110 §15.4.5). What
 * the content's type was is not known any more; a weak tag matches both.
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

/** RFC 9110 §9.3.2: the answer to a HEAD says what a GET would get. */
function withoutBody(
  response: HttpResponse,
  { method }: HttpRequest,
  coding: ContentCoding,
): HttpResponse {
  // A body in pieces, as that of the GET: so its length is not told.
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
  // Ranges would count the octets of the content as it was.
  headers.delete("accept-ranges");
  const etag = headers.get("etag");
  // RFC 9110 §8.8.3.3: other octets, so not the same strong tag.
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
