import type { Duplex } from "node:stream";
import type { HttpHeaders } from "./fields/http-headers.ts";

/** The connection that serves a request, as the request sees it. */
export interface RequestServer {
  /** Whether the worker is draining. */
  readonly isLeaving: boolean;
  onHandlerTimeoutChanged(): void;
  /** Closes the connection without a response, or in the middle of one. */
  onDrop(request: object): void;
  /**
   * Sends an interim response before the final one.
   *
   * @returns whether it was queued
   */
  onInterim(request: object, interim: InterimResponse): boolean;
  /** Closes the connection after the response in progress. */
  closeSoon(): void;
  /** Resets the connection; unsent data is lost. */
  reset(): void;
  /** Response bytes that the kernel has not taken yet. */
  readonly unsentBytes: number;
  /** Calls back when the kernel has taken them, or with an error. */
  whenSent(callback: (error?: Error | null) => void): void;
  /**
   * The connection's socket if its peer is the client, to look at: its bytes
   * belong to the server.
   */
  readonly clientSocket: Duplex | undefined;
  /** State that an adapter keeps per connection. */
  companion: Companion | undefined;
}

export interface InterimResponse {
  readonly status: number;
  /** Already validated for an interim response. */
  readonly fields: HttpHeaders;
}

/** Adapter state that belongs to a connection. */
export interface Companion {
  onConnectionClosed(): void;
}
