import type { HttpHeaders } from "../headers.ts";

/** "https" is over TLS. */
export type RequestProtocol = "http" | "https";

/** Who asks, as far as it is known. */
export interface Client {
  readonly remoteAddress: string | undefined;
  readonly protocol: RequestProtocol;
  /** What a proxy says that was asked for; undefined for the field Host. */
  readonly host: string | undefined;
}

/** Finds the client in what a trusted proxy says. */
export interface ClientReader {
  /** @param peer who is the client where nothing is said */
  read(headers: HttpHeaders, peer: Client): Client;
}

/** Where the requests of a connection come from. */
export interface Origin {
  /** Who has connected. */
  readonly peerAddress: string | undefined;
  /** Whether that is a proxy which is taken at its word. */
  readonly isTrusted: boolean;
  clientOf(request: { readonly headers: HttpHeaders }): Client;
}
