import { isRedisUrl } from "../../rate-limits/is-redis-url.ts";

const HIDDEN = "***";

/**
 * A URL of Redis without its password. An invalid URL is hidden completely,
 * because the password may be anywhere in it.
 */
export function withoutPassword(url: string): string {
  if (!isRedisUrl(url)) return HIDDEN;
  const { protocol, username, password, host, pathname, search } = new URL(url);
  // Without a colon, the user name may be meant as the password.
  const user = password === "" ? username && HIDDEN : `${username}:${HIDDEN}`;
  const query = search === "" ? "" : `?${HIDDEN}`;
  return `${protocol}//${user === "" ? "" : `${user}@`}${host}${pathname}${query}`;
}

/** Hides URLs of Redis in a text, such as an error message. */
export function withoutRedisUrls(text: string): string {
  return text.replaceAll(/\b(rediss?:)\/[^\s"']+/gi, `$1${HIDDEN}`);
}
