import type { Duplex } from "node:stream";

/**
 * The line between bytes and their meaning. A transport knows sockets and no
 * HTTP; a protocol knows what bytes mean and no sockets. A protocol is driven
 * by events and acts through its transport; it never waits.
 */
export interface Protocol {
  /** Bytes came. They are valid until it returns: what is kept is copied. */
  onData(chunk: Buffer): void;
  /** The peer sends no more, but may still read (half-close). */
  onEnd(): void;
  /** It may send again. */
  onWritable(): void;
  /** The deadline that the protocol set has passed. */
  onDeadline(): void;
  /** Finish what is begun, take nothing after it; idle ones may linger. */
  onShutdown(lingerMs: number): void;
  /** The connection is gone, with the error that ended it, if one did. */
  onClose(error?: Error): void;
  /** Whether nothing would be lost if the connection closed now. */
  readonly isIdle: boolean;
}

/** What a protocol can do to its connection. */
export interface Transport {
  /**
   * Address of the peer, in plain form, or "unix"; or of the client that a
   * PROXY header told of. Undefined where it is not known.
   */
  readonly remoteAddress: string | undefined;
  /** Whether it is a TLS connection. */
  readonly isEncrypted: boolean;
  /** Whether it is one, or a PROXY header told that the client's is. */
  readonly isClientEncrypted: boolean;
  /**
   * Whether a PROXY header told of no client: `remoteAddress` is the proxy's,
   * which need not have written what comes.
   */
  readonly isClientUnknown: boolean;
  /**
   * Whether more may be sent now: there is room, and it has not kept others
   * waiting for long. If not, `onWritable` tells when.
   */
  readonly canSend: boolean;
  /** Bytes that were sent and the system has not taken yet. */
  readonly unsentBytes: number;
  /**
   * Calls back when the system has taken all that was sent so far, with an
   * error when it never will.
   */
  whenSent(callback: (error?: Error | null) => void): void;
  /** Queues bytes; a text is Latin-1. */
  send(bytes: string | Uint8Array): void;
  /** From here to `uncork` all that is sent leaves in one write. */
  cork(): void;
  uncork(): void;
  /**
   * Of the bytes that `onData` is given just now: whether they may be kept as
   * they are. If not they must be copied, and those that come next may be kept:
   * it costs a buffer each time, so it is for large chunks.
   */
  mayKeepBytes(): boolean;
  pauseReading(): void;
  resumeReading(): void;
  /**
   * `onDeadline` is due at that time of the clock, about a quarter of a second
   * later at most. Moving it to later costs nothing.
   */
  deadlineAt: number;
  /**
   * Sends what is queued, then FIN, and reads on without listening until the
   * peer closes too: closing with unread bytes would make a RST that can take
   * the last answer with it (RFC 9112 §9.6).
   */
  close(): void;
  /** Drops the connection and all that is queued. */
  abort(): void;
  /**
   * Sends what is queued and gives the socket away: of the events only
   * `onShutdown` and `onClose` still come.
   */
  handOver(): Duplex;
}

export type ProtocolFactory = (transport: Transport) => Protocol;
