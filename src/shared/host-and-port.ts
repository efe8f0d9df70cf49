/** As URLs have them: IPv6 addresses in brackets (RFC 3986 §3.2.2). */
export function hostAndPort(address: {
  readonly host: string;
  readonly port: number;
}): string {
  const { host, port } = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
