/** The contents of a PROXY protocol header. */
export interface ProxyHeader {
  readonly source: ProxySource;
  /** Whether the client used TLS to the proxy, as far as the header says. */
  readonly isClientEncrypted: boolean;
}

/**
 * The client behind the proxy. `peer`: the header names none, as in health
 * checks of the proxy itself, so only the peer's address is known.
 */
export type ProxySource =
  | { readonly type: "peer" }
  | { readonly type: "unixSocket" }
  /** In the form of `plainAddress()`. */
  | { readonly type: "address"; readonly address: string };

/** The result of reading the first bytes of a connection. */
export type ProxyHeaderReading =
  /** The header is at most `maxBytes` long, as far as is known yet. */
  | { readonly type: "incomplete"; readonly maxBytes: number }
  | {
      readonly type: "complete";
      readonly header: ProxyHeader;
      readonly byteCount: number;
    };
