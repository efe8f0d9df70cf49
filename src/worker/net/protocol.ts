import type { Duplex } from "node:stream";
import type { RawHandle } from "../../shared/ipc-messages.ts";

/**
 * The boundary between bytes and their meaning. A transport handles sockets and
 * no HTTP, a protocol handles HTTP and no sockets. A protocol is driven by
 * events and acts through its transport; it never blocks.
 */
export interface Protocol {
  /** @param chunk valid until the call returns; copy bytes to keep them */
  onData(chunk: Buffer): void;
  /** The peer has half-closed the connection; it may still read. */
  onEnd(): void;
  /** The transport can send again. */
  onWritable(): void;
  /** The deadline set by the protocol has passed. */
  onDeadline(): void;
  /** Finish the current request and take no other; linger while idle. */
  onShutdown(lingerMs: number): void;
  /** The connection has closed, perhaps by an error. */
  onClose(error?: Error): void;
  /** Whether closing the connection now would lose nothing. */
  readonly isIdle: boolean;
}

/** The connection of a protocol. */
export interface Transport {
  /**
   * Address of the peer in plain form, or "unix"; with a PROXY header, the
   * client's address. Undefined if it is not known.
   */
  readonly remoteAddress: string | undefined;
  /**
   * The socket if its peer is the client, to look at; undefined where a PROXY
   * header names another one. See also `handOver()`.
   */
  readonly clientSocket: Duplex | undefined;
  /** Whether the connection uses TLS. */
  readonly isEncrypted: boolean;
  /** Whether it uses TLS, or the client's does according to a PROXY header. */
  readonly isClientEncrypted: boolean;
  /**
   * Whether a PROXY header named no client: `remoteAddress` is the proxy's,
   * although the requests may come from somebody else.
   */
  readonly isClientUnknown: boolean;
  /**
   * Whether more may be sent now: the buffer has room, and the connection has
   * not used up its time slice. If not, `onWritable` is called later.
   */
  readonly canSend: boolean;
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly unsentBytes: number;
  /**
   * Calls back when the kernel has taken everything sent so far, or with an
   * error if it never will.
   */
  whenSent(callback: (error?: Error | null) => void): void;
  /** Queues bytes; text is Latin-1. */
  send(bytes: string | Uint8Array): void;
  /** Everything sent from here to `uncork()` leaves in one write. */
  cork(): void;
  uncork(): void;
  /**
   * Whether the bytes that `onData` is being given may be kept without a copy.
   * If not, those of the next chunk may be: that costs a buffer per chunk, so
   * ask only for large chunks.
   */
  mayKeepBytes(): boolean;
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Time at which `onDeadline` is called, or at most a quarter of a second
   * later. Moving it to later costs nothing.
   */
  deadlineAt: number;
  /**
   * Sends what is queued, then FIN, and discards input until the peer closes
   * too: closing with unread bytes causes a RST, which can destroy the last
   * response (RFC 9112 §9.6).
   */
  close(): void;
  /** Drops the connection and everything that is queued. */
  abort(): void;
  /**
   * Sends what is queued and gives the socket away. Afterwards only
   * `onShutdown` and `onClose` are called.
   */
  handOver(): Duplex;
  /**
   * Sends what is queued, then closes here and gives the connection itself
   * away, unless it has failed meanwhile. Not for TLS.
   */
  detach(take: (connection: DetachedConnection) => void): void;
}

/** A connection without a socket. */
export interface DetachedConnection {
  readonly handle: RawHandle;
  /** What its PROXY header said; undefined if it had none. */
  readonly proxyHeader: unknown;
}

export type ProtocolFactory = (transport: Transport) => Protocol;
