/** Runs per request: most URLs are normal without parsing. */
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";

/** The host of a request without Host (HTTP/1.0). */
const UNNAMED_HOST = "localhost";

/** A path with query that parsing would not change: no dot segments. */
const NORMAL = /^\/(?!.*\/\.)(?!\.)[\w\-.~!$&()*+,;=:@/?]*$/;
const MAX_KEPT_ORIGINS = 100;

/** Parsed origins: clients use few hosts. */
const origins = new Map<string, string>();

/**
 * The URL of a request in the form of `new URL().href`.
 *
 * @throws HttpError 400 where target and Host do not form a URL
 */
export function requestUrl({ protocol, host, target }: HttpRequest): string {
  const origin = originOf(`${protocol}://${host ?? UNNAMED_HOST}`);
  if (NORMAL.test(target)) return origin + target;
  return parsed(origin + (target.startsWith("/") ? target : `/${target}`)).href;
}

function originOf(text: string): string {
  const known = origins.get(text);
  if (known !== undefined) return known;
  const { origin } = parsed(text);
  if (origins.size >= MAX_KEPT_ORIGINS) origins.clear();
  origins.set(text, origin);
  return origin;
}

function parsed(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new HttpError(400, "the target and the Host do not form a URL");
}
