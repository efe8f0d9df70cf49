import { isRedisUrl } from "../../rate-limits/is-redis-url.ts";

const HIDDEN = "***";

/**
 * A URL of Redis, fit to be shown. Of one that is not valid nothing is shown:
 * the password may be anywhere in it.
 */
export function withoutPassword(url: string): string {
  if (!isRedisUrl(url)) return HIDDEN;
  const { protocol, username, password, host, pathname, search } = new URL(url);
  // Without a colon, somebody may have meant a password.
  const user = password === "" ? username && HIDDEN : `${username}:${HIDDEN}`;
  const query = search === "" ? "" : `?${HIDDEN}`;
  return `${protocol}//${user === "" ? "" : `${user}@`}${host}${pathname}${query}`;
}

/** For texts that have such a URL where it does not belong. */
export function withoutRedisUrls(text: string): string {
  return text.replaceAll(/\b(rediss?:)\/[^\s"']+/gi, `$1${HIDDEN}`);
}
