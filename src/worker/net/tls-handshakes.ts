/**
 * The connections that are still in their TLS handshake. Node's own TLS server
 * performs it: it is given sockets and listens on none.
 */
import { constants, createHash } from "node:crypto";
import type { Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import type { TlsMaterial } from "../../shared/files/tls-files.ts";
import { wireOf } from "../../shared/node-internals/wire-of.ts";

export interface TlsOptions extends Omit<TlsMaterial, "ticketKey"> {
  readonly minVersion: tls.SecureVersion;
  readonly handshakeTimeoutMs: number;
  /** 48 secret bytes; workers that share them resume each other's sessions. */
  readonly ticketKeys: Buffer;
  readonly onHandshakeFailed: (reason: HandshakeFailure, error: Error) => void;
}

/** A server that someone else has made, with its own certificates. */
export interface TlsServerOptions
  extends Pick<
    TlsOptions,
    "handshakeTimeoutMs" | "ticketKeys" | "onHandshakeFailed"
  > {
  readonly server: tls.Server;
}

export type HandshakeFailure =
  | "timeout"
  | "client_left"
  | "plain_http"
  | "client_certificate"
  | "other";

const REASONS: Readonly<Record<string, HandshakeFailure>> = {
  ERR_TLS_HANDSHAKE_TIMEOUT: "timeout",
  ECONNRESET: "client_left",
  EPIPE: "client_left",
  ERR_SSL_HTTP_REQUEST: "plain_http",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "client_certificate",
};

/** RFC 9325 §4.2: forward secrecy and authenticated encryption only. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** `SSL_MAX_SID_CTX_LENGTH` of OpenSSL. */
const MAX_CONTEXT_LENGTH = 32;

export class TlsHandshakes {
  readonly #server: tls.Server;
  /** With the timer of each, if it has one. */
  readonly #pending = new Map<Socket, NodeJS.Timeout | undefined>();
  /** For a server whose own time-out may be longer. */
  readonly #timeoutMs: number | undefined;

  /** @param onSecure takes over the socket, which has not been read from */
  constructor(
    options: TlsOptions | TlsServerOptions,
    onSecure: (socket: TLSSocket) => void,
  ) {
    if ("server" in options) {
      this.#server = options.server;
      this.#timeoutMs = options.handshakeTimeoutMs;
      options.server.setTicketKeys(options.ticketKeys);
    } else this.#server = serverOf(options);
    this.#server.on("secureConnection", (socket) => {
      this.#end(wireOf(socket));
      socket.allowHalfOpen = true;
      onSecure(socket);
    });
    this.#server.on("tlsClientError", (error, socket) => {
      options.onHandshakeFailed(reasonOf(error, socket), error);
      socket.destroy();
    });
  }

  get count(): number {
    return this.#pending.size;
  }

  /** @param onFailed called when the connection closes before it is secure */
  begin(socket: Socket, onFailed: () => void): void {
    this.#pending.set(socket, this.#timerFor(socket));
    socket.on("close", () => {
      if (this.#end(socket)) onFailed();
    });
    this.#server.emit("connection", socket);
  }

  /** Applies to handshakes that begin from now on. */
  setTicketKeys(keys: Buffer): void {
    this.#server.setTicketKeys(keys);
  }

  abortAll(): void {
    for (const socket of this.#pending.keys()) socket.destroy();
  }

  #timerFor(socket: Socket): NodeJS.Timeout | undefined {
    if (this.#timeoutMs === undefined) return undefined;
    return setTimeout(() => socket.destroy(), this.#timeoutMs);
  }

  /** @returns false if the handshake was over */
  #end(socket: Socket): boolean {
    clearTimeout(this.#pending.get(socket));
    return this.#pending.delete(socket);
  }
}

function serverOf(options: TlsOptions): tls.Server {
  return tls.createServer({
    cert: options.cert,
    key: options.key,
    ...(options.ca && { ca: options.ca, requestCert: true }),
    minVersion: options.minVersion,
    ciphers: CIPHERS,
    // RFC 9325 §3.5; TLS 1.3 has no renegotiation.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: options.handshakeTimeoutMs,
    ticketKeys: options.ticketKeys,
    sessionIdContext: sessionIdContext(options),
  });
}

/**
 * A resumed session skips the client-certificate check, so sessions are scoped
 * to one certificate and set of authorities. Node's default scope is the path
 * of the program.
 */
function sessionIdContext({ cert, ca = [] }: TlsOptions): string {
  const hash = createHash("sha256").update([cert, ...ca].join("\0"));
  return hash.digest("hex").slice(0, MAX_CONTEXT_LENGTH);
}

function reasonOf(error: Error, { authorizationError }: TLSSocket) {
  if (authorizationError) return "client_certificate";
  return REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? "other";
}
