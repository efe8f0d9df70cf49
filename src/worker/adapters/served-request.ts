/**
 * Runs per request. A real `Request`, as what only looks like one cannot be
 * given to `fetch()` or `new Request()`.
 */
import { HttpError } from "../http/errors.ts";
import type { HttpRequest } from "../http/request.ts";
import { EMPTY_BODY, type RequestBody } from "../http/request-body.ts";

/** Where the client does not say which host it means (HTTP/1.0). */
const UNNAMED_HOST = "localhost";

/**
 * The request in the form of `fetch`. Its `signal` is made when asked for.
 *
 * @throws HttpError 400 where target and Host make no URL
 */
export function servedRequest(request: HttpRequest): Request {
  const served = new Request(urlOf(request), initOf(request));
  return Object.defineProperty(served, "signal", {
    get: () => request.signal,
  });
}

function urlOf({ scheme, headers, target }: HttpRequest): string {
  const path = target.startsWith("/") ? target : `/${target}`;
  const url = `${scheme}://${headers.get("Host") ?? UNNAMED_HOST}${path}`;
  if (URL.canParse(url)) return url;
  throw new HttpError(400, "the target and the Host make no URL");
}

function initOf(request: HttpRequest): RequestInit {
  const { method, headers, body } = request;
  const pairs: [string, string][] = [];
  headers.forEachLine((name, value) => {
    pairs.push([name, value]);
  });
  // A Request has no body with these, whatever the client sends.
  const hasNone = method === "GET" || method === "HEAD" || body === EMPTY_BODY;
  if (hasNone) return { method, headers: pairs };
  return { method, headers: pairs, body: streamOf(body), duplex: "half" };
}

/** Asks for nothing before somebody reads it: that is when 100 is sent. */
function streamOf(body: RequestBody): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Buffer> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        iterator ??= body[Symbol.asyncIterator]();
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        body.discard();
      },
    },
    { highWaterMark: 0 },
  );
}
