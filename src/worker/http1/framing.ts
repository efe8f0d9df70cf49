/** How long a request's body is: RFC 9112 §6, with no way to disagree. */
import { listItems } from "./head/byte-text.ts";
import { ProtocolError } from "./protocol-error.ts";

/** What the framing fields of a head said; undefined where absent. */
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
  // §6.3 case 5 lets equal values pass; one proxy's "equal" is another's not.
  if (fields.contentLengthCount > 1) refuse("more than one Content-Length");
  return parseContentLength(fields.contentLength);
}

function chunked(fields: FramingFields): "chunked" {
  // §6.1: in 1.0 the field is a sign of a broken or hostile sender.
  if (fields.isHttp10) refuse("Transfer-Encoding in HTTP/1.0");
  // §6.3 case 3: both present is how requests are smuggled.
  if (fields.contentLength !== undefined) {
    refuse("both Content-Length and Transfer-Encoding");
  }
  const codings = (fields.transferEncoding ?? "").toLowerCase();
  return codings === "chunked" ? codings : listedCodings(codings);
}

function listedCodings(text: string): "chunked" {
  // RFC 9110 §5.6.1: empty elements of a list are read over.
  const codings = listItems(text);
  if (codings.length === 0) refuse("an empty Transfer-Encoding");
  if (!codings.every((coding) => CODING.test(coding))) {
    refuse("an invalid Transfer-Encoding");
  }
  // §6.3 case 4: without a final "chunked" the length cannot be known.
  if (codings.at(-1) !== "chunked") {
    refuse("a Transfer-Encoding that does not end in chunked");
  }
  if (codings.indexOf("chunked") < codings.length - 1) {
    refuse("chunked more than once");
  }
  if (codings.length === 1) return "chunked";
  // §6.1: a coding that is not understood.
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
