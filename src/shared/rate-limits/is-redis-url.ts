/**
 * Whether the value is the URL of a Redis server, over TCP or TLS. A `#`, or an
 * `@` in the query, comes from an unescaped password: the parser would take
 * the text before it for the host.
 */
export function isRedisUrl(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const url = new URL(value);
  const isRedis = url.protocol === "redis:" || url.protocol === "rediss:";
  if (!isRedis || url.hostname === "") return false;
  if (url.href.includes("#") || url.search.includes("@")) return false;
  // The path is a database number.
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
