export interface HaproxyWish {
  /** Where it listens, on the loopback interface. */
  readonly port: number;
  readonly servers: readonly HaproxyServer[];
  /** A file with a certificate and its key. Default: no TLS. */
  readonly certificate?: string;
  /** Whether clients share the connections to servers. Default: yes. */
  readonly isShared?: boolean;
}

export interface HaproxyServer {
  readonly port: number;
  /** Further words of its line, as `check inter 100ms`. */
  readonly words?: string;
}

/**
 * One thread, so that its figures are those of one core. Connections to servers
 * are kept and shared between clients, no request is tried again, and nothing
 * is logged.
 */
export function haproxyConfig({
  port,
  servers,
  certificate,
  isShared = true,
}: HaproxyWish): string {
  const tls = certificate === undefined ? "" : ` ssl crt ${certificate}`;
  const lines = servers.map(({ port, words = "" }, at) => {
    return `  server s${at + 1} 127.0.0.1:${port} ${words}`.trimEnd();
  });
  return `global
  nbthread 1
  maxconn 8000

defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
  timeout check 5s
  retries 0

frontend clients
  bind 127.0.0.1:${port}${tls}
  default_backend instances

backend instances
  balance leastconn
  http-reuse ${isShared ? "always" : "never"}
  option forwardfor
  option httpchk GET /
${lines.join("\n")}
`;
}
