/**
 * Whether it is the URL of a Redis server, over TCP or TLS. A `#`, or an `@`
 * at the end, is a character of a password that is not escaped: what is before
 * it would be taken for the host.
 */
export function isRedisUrl(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const url = new URL(value);
  const isRedis = url.protocol === "redis:" || url.protocol === "rediss:";
  if (!isRedis || url.hostname === "") return false;
  if (url.href.includes("#") || url.search.includes("@")) return false;
  // The path is the number of a database.
  return /^\/?\d*$/.test(url.pathname) && isDecodable(url);
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
