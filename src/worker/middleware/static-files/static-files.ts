/**
 * Runs per request: three thread hops for a file of one piece, one per further
 * piece, none for a refused path.
 */
import type { Handler } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse, type ResponseBody } from "../../http/http-response.ts";
import {
  methodNotAllowed,
  notFound,
  redirect,
} from "../../http/response-helpers.ts";
import { type FileFacts, fileAnswer } from "./file-answer.ts";
import { FileBody, PIECE_BYTES, readRange } from "./file-body.ts";
import type { FileContent } from "./file-content.ts";
import { type FoundFile, findFile } from "./find-file.ts";
import { closeFile, type OpenFile } from "./open-file.ts";
import { type Site, type StaticFilesOptions, siteFrom } from "./site.ts";

export type { StaticFilesOptions } from "./site.ts";

/**
 * A handler that serves the files below a folder, for a GET route that ends in
 * a wildcard: `app.get("/assets/*path", staticFiles("public"))`.
 *
 * It supports conditional requests and ranges (RFC 9110 §13, §14). It serves
 * only regular files inside the root, for any path and wherever links lead.
 * Files are streamed with backpressure.
 *
 * @param root a path relative to the working directory, or a file: URL
 * @throws TypeError for an unknown or invalid option, Error if the root is not
 * a folder, or the fallback is not a file in it
 */
export function staticFiles(
  root: string | URL,
  options: StaticFilesOptions = {},
): Handler {
  const site = siteFrom(root, options);
  return (request) => serve(site, request);
}

async function serve(site: Site, request: HttpRequest): Promise<HttpResponse> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") {
    return methodNotAllowed(["GET", "HEAD"]);
  }
  const found = await findFile(site, request);
  switch (found.type) {
    case "nothing":
      return notFound();
    case "redirect":
      return redirect(found.location, 301);
    case "file":
      return send(found, request);
    default:
      return found satisfies never;
  }
}

async function send(
  found: FoundFile,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { handle } = found.file;
  let isStreamed = false;
  try {
    const answer = fileAnswer(request, factsOf(found), Date.now());
    if (answer.type === "bare") return answer.response;
    const { status, headers, content } = answer;
    const body = await bodyOf(found.file, content);
    isStreamed = body instanceof FileBody;
    return new HttpResponse(body, { status, headers });
  } finally {
    if (!isStreamed) closeFile(handle);
  }
}

function factsOf({ file, ...found }: FoundFile): FileFacts {
  const { size, mtimeMs } = file.stats;
  return { ...found, bytes: size, modifiedMs: mtimeMs };
}

/** A short body is read at once, to leave with the head in one write. */
async function bodyOf(
  { handle }: OpenFile,
  content: FileContent,
): Promise<ResponseBody> {
  const [part, ...others] = content.parts;
  const isShort = content.bytes <= PIECE_BYTES && others.length === 0;
  if (isShort && typeof part === "object") return readRange(handle, part);
  return new FileBody(handle, content);
}
