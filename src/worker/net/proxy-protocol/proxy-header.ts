/** What a header of the PROXY protocol says. */
export interface ProxyHeader {
  readonly source: ProxySource;
  /** Whether the client spoke TLS with the proxy, as far as the header says. */
  readonly isClientEncrypted: boolean;
}

/**
 * Who is at the other end, behind the proxy. `peer`: no more is known than who
 * has connected; it may be the proxy itself, as with its health checks.
 */
export type ProxySource =
  | { readonly type: "peer" }
  | { readonly type: "unixSocket" }
  /** In the form of `plainAddress()`. */
  | { readonly type: "address"; readonly address: string };
