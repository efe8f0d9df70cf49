/**
 * Reads a stream of requests a second time: not optimized, all at once, from
 * the grammar of RFC 9112 and the rules in the server's documentation. It
 * shares no code with the server, so that results can be compared.
 */
import { type ReferenceContent, readChunks } from "./reference-chunks.ts";
import type { ReferenceFields } from "./reference-fields.ts";
import { ReadingEnd } from "./reference-grammar.ts";
import { type ReferenceHead, readHead } from "./reference-head.ts";

export interface ReferenceLimits {
  readonly maxRequestLineBytes: number;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxBodyBytes: number;
  readonly maxChunkExtensionBytes: number;
}

export interface ReferenceRequest extends ReferenceHead {
  readonly body: string;
  readonly trailers: ReferenceFields;
}

/** The method is known, even in an invalid head, once a blank follows it. */
const HEAD_BEGUN = /^(?:\r\n){0,4}HEAD /;

/** End of a stream; bytes may remain if it `closes` or is `refused`. */
export type ReferenceEnd =
  | { readonly type: "idle" }
  | { readonly type: "inHead"; readonly isForHead: boolean }
  | { readonly type: "inBody"; readonly head: ReferenceHead }
  | { readonly type: "closes" }
  | {
      readonly type: "refused";
      /** Acceptable statuses: the first fault is not always determined. */
      readonly statuses: readonly number[];
      /** Head of the request, if the fault is in its body. */
      readonly head: ReferenceHead | undefined;
      readonly isForHead: boolean;
    };

export interface ReferenceReading {
  /** Complete requests. */
  readonly requests: readonly ReferenceRequest[];
  readonly end: ReferenceEnd;
}

/** @param wire Latin-1: a character is a byte */
export function readReference(
  wire: string,
  limits: ReferenceLimits,
): ReferenceReading {
  const requests: ReferenceRequest[] = [];
  let rest = wire;
  let head: ReferenceHead | undefined;
  try {
    for (;;) {
      head = undefined;
      ({ head, rest } = readHead(rest, limits));
      const content = readBody(rest, head.framing, limits);
      const { body, trailers } = content;
      requests.push({ ...head, body, trailers });
      if (head.closes) return { requests, end: { type: "closes" } };
      rest = content.rest;
    }
  } catch (error) {
    if (!(error instanceof ReadingEnd)) throw error;
    return { requests, end: endOf(error, rest, head) };
  }
}

/** RFC 9112 §6.2, §7.1 */
function readBody(
  text: string,
  framing: ReferenceHead["framing"],
  limits: ReferenceLimits,
): ReferenceContent {
  if (framing === "chunked") return readChunks(text, limits);
  if (text.length < framing) throw new ReadingEnd([]);
  const body = text.slice(0, framing);
  return { body, trailers: [], rest: text.slice(framing) };
}

function endOf(
  { statuses }: ReadingEnd,
  rest: string,
  head: ReferenceHead | undefined,
): ReferenceEnd {
  const isForHead = head ? head.method === "HEAD" : HEAD_BEGUN.test(rest);
  if (statuses.length > 0)
    return { type: "refused", statuses, head, isForHead };
  if (head) return { type: "inBody", head };
  // Empty lines do not begin a request (§2.2).
  const isIdle = /^(?:\r\n)*\r?$/.test(rest);
  return isIdle ? { type: "idle" } : { type: "inHead", isForHead };
}
