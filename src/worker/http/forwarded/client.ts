import type { HttpHeaders } from "../fields/http-headers.ts";

/** "https" is over TLS. */
export type RequestProtocol = "http" | "https";

/** The client of a request, as far as it is known. */
export interface Client {
  readonly remoteAddress: string | undefined;
  readonly protocol: RequestProtocol;
  /** The requested host that a proxy recorded; undefined: see Host. */
  readonly host: string | undefined;
}

/** Reads the client from the fields that a trusted proxy writes. */
export interface ClientReader {
  /** @param peer the client if the fields name none */
  read(headers: HttpHeaders, peer: Client): Client;
}

/** The source of the requests of a connection. */
export interface Origin {
  /** Address of the other end of the connection. */
  readonly peerAddress: string | undefined;
  /** Whether the peer is a trusted proxy. */
  readonly isTrusted: boolean;
  clientOf(request: { readonly headers: HttpHeaders }): Client;
}
