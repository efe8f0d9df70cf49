/** Whether it is the URL of a Redis server, over TCP or TLS. */
export function isRedisUrl(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol, hostname, pathname } = new URL(value);
  const isRedis = protocol === "redis:" || protocol === "rediss:";
  // The path is the number of a database.
  return isRedis && hostname !== "" && /^\/?\d*$/.test(pathname);
}
