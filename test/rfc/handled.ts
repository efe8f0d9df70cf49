import type { HttpHeaders } from "../../src/worker/http/fields/http-headers.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";

/** What a handler was given of a request, bytes as Latin-1. */
export interface Handled {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** "Name: value" each, in order. */
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** A handler that reads each request to its end, and keeps it. */
export class KeepingHandler {
  /** The requests that were whole. */
  readonly requests: Handled[] = [];

  readonly handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const bytes = await request.bytes();
    const { method, target, httpVersion, headers, body } = request;
    this.requests.push({
      method,
      target,
      httpVersion,
      fields: linesOf(headers),
      body: bytes.toString("latin1"),
      trailers: linesOf(body.trailers),
    });
    return text(target);
  };
}

function linesOf(headers: HttpHeaders | undefined): string[] {
  const lines: string[] = [];
  headers?.forEachLine((name, value) => lines.push(`${name}: ${value}`));
  return lines;
}
