/** Runs per request: most URLs need no parsing to be normal. */
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";

/** Where the client does not say which host it means (HTTP/1.0). */
const UNNAMED_HOST = "localhost";

/** A path with query that parsing would leave as it is: no dot segments. */
const NORMAL = /^\/(?!.*\/\.)(?!\.)[\w\-.~!$&()*+,;=:@/?]*$/;
const MAX_KEPT_ORIGINS = 100;

/** What has been parsed already: clients name few hosts. */
const origins = new Map<string, string>();

/**
 * The URL that a client means, as `new URL().href` would write it.
 *
 * @throws HttpError 400 where target and Host make no URL
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
  throw new HttpError(400, "the target and the Host make no URL");
}
