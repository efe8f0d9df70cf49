import type { JWTVerifyGetKey } from "jose";
import { monotonicClock } from "../../../shared/clock.ts";
import type { JwtOptions } from "./jwt-options.ts";

/** After a failure, so long nobody asks again. */
const RETRY_MS = 1_000;

/**
 * The keys of a URL: fetched when first needed, kept, and fetched again when
 * they are old or a token names one that is not there, but not more often than
 * the cooldown allows, whatever tokens are sent.
 *
 * @throws TypeError where they could be changed on their way
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
      [customFetch]: restingFetch(),
    });
  };
}

/** Fetches a key set; for a while after a failure it fails at once. */
function restingFetch(): typeof fetch {
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

/** @throws Error where the answer is no key set */
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
