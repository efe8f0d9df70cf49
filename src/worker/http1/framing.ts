/** The length of a request's body: RFC 9112 §6, ambiguous framing refused. */
import { listItems } from "./head/byte-text.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Framing fields of a head; undefined where absent. */
export interface FramingFields {
  readonly isHttp10: boolean;
  readonly contentLength: string | undefined;
  readonly contentLengthCount: number;
  readonly transferEncoding: string | undefined;
}

/** Bytes of the body, or "chunked". */
export type BodyFraming = number | "chunked";

const DIGITS = /^\d+$/;
const CODING = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @throws ProtocolError 400, or 501 for a coding the server does not know */
export function bodyFraming(fields: FramingFields): BodyFraming {
  if (fields.transferEncoding !== undefined) return chunked(fields);
  if (fields.contentLength === undefined) return 0; // §6.3 case 7
  // §6.3 case 5 allows equal values, but proxies differ in what is equal.
  if (fields.contentLengthCount > 1) refuse("more than one Content-Length");
  return parseContentLength(fields.contentLength);
}

function chunked(fields: FramingFields): "chunked" {
  // §6.1: in HTTP/1.0 the field shows a broken or hostile sender.
  if (fields.isHttp10) refuse("Transfer-Encoding in HTTP/1.0");
  // §6.3 case 3: both present means smuggling.
  if (fields.contentLength !== undefined) {
    refuse("both Content-Length and Transfer-Encoding");
  }
  const codings = (fields.transferEncoding ?? "").toLowerCase();
  return codings === "chunked" ? codings : listedCodings(codings);
}

function listedCodings(text: string): "chunked" {
  // RFC 9110 §5.6.1: empty list elements are ignored.
  const codings = listItems(text);
  if (codings.length === 0) refuse("an empty Transfer-Encoding");
  if (!codings.every((coding) => CODING.test(coding))) {
    refuse("an invalid Transfer-Encoding");
  }
  // §6.3 case 4: without a final "chunked" the length is unknown.
  if (codings.at(-1) !== "chunked") {
    refuse("a Transfer-Encoding that does not end in chunked");
  }
  if (codings.indexOf("chunked") < codings.length - 1) {
    refuse("chunked more than once");
  }
  if (codings.length === 1) return "chunked";
  // §6.1: a valid coding that the server does not implement.
  throw new ProtocolError(501, "framing", "an unknown transfer coding");
}

function parseContentLength(text: string): number {
  const length = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  refuse("an invalid Content-Length");
}

function refuse(message: string): never {
  throw new ProtocolError(400, "framing", message);
}
