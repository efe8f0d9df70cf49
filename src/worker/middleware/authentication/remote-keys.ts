import type { JWTVerifyGetKey } from "jose";
import { monotonicClock } from "../../../shared/clock.ts";
import type { JwtOptions } from "./jwt-options.ts";

/** Minimum time between a failed fetch and the next one. */
const RETRY_MS = 1_000;

/**
 * Keys from a URL. The set is fetched on first use and cached. It is fetched
 * again when it has expired or a token names an unknown key, but never more
 * often than the cooldown allows, so clients cannot cause a flood of fetches.
 *
 * @throws TypeError for a URL whose answer others could change on the way
 */
export function remoteKeys<Claims>(
  options: JwtOptions<Claims>,
): () => Promise<JWTVerifyGetKey> {
  const url = checkedUrl(options.jwksUrl);
  return async () => {
    const { createRemoteJWKSet, customFetch } = await import("jose");
    return createRemoteJWKSet(url, {
      cacheMaxAge: options.jwksCacheMs ?? 600_000,
      cooldownDuration: options.jwksCooldownMs ?? 30_000,
      timeoutDuration: options.jwksTimeoutMs ?? 5_000,
      [customFetch]: cautiousFetch(),
    });
  };
}

/** Fetches a key set. Repeats a failure for `RETRY_MS` without fetching. */
function cautiousFetch(): typeof fetch {
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  return async (input, init) => {
    const now = monotonicClock.now();
    if (failure && now < failure.until) throw failure.error;
    try {
      const keys = await keySetIn(await fetch(input, init));
      failure = undefined;
      return keys;
    } catch (error) {
      failure = { error, until: monotonicClock.now() + RETRY_MS };
      throw error;
    }
  };
}

/** @throws Error if the answer is not a key set */
async function keySetIn(response: Response): Promise<Response> {
  const { status, url } = response;
  if (status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${status}, not 200`);
  }
  const content = (await response.json()) as { keys?: unknown } | null;
  if (Array.isArray(content?.keys)) return Response.json(content);
  throw new Error(`${url} answered with what is no key set`);
}

function checkedUrl(given: unknown): URL {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  const rule = "option jwksUrl of jwt() must be";
  if (!url) throw new TypeError(`${rule} a URL, not ${JSON.stringify(given)}`);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(`${rule} a URL without a password`);
  }
  if (url.protocol === "https:") return url;
  if (url.protocol === "http:" && isLoopback(url.hostname)) return url;
  throw new TypeError(
    `${rule} an https URL, as whoever changes the keys on their way can make ` +
      `tokens: ${url.href}`,
  );
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    /^127(?:\.\d+){3}$/.test(hostname)
  );
}
