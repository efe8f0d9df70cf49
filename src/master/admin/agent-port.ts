/**
 * The port for HAProxy's agent-check: a client receives one line, and the
 * connection ends. Input is discarded. Each master inherits the socket from the
 * one before.
 */
import net from "node:net";
import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import {
  type ListenSocket,
  type MasterPort,
  type MasterSocketOptions,
  openMasterSocket,
} from "../sockets/listen-socket.ts";

export interface AgentLimits {
  /** Connections over this limit are closed without an answer. */
  readonly maxConnections: number;
  /** A client that has not closed by then is disconnected. */
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 1_000;

export class AgentPort implements MasterPort {
  readonly keepsFile: boolean;
  readonly #socket: ListenSocket;
  readonly #server: net.Server;

  private constructor(
    socket: ListenSocket,
    server: net.Server,
    keepsFile: boolean,
  ) {
    this.keepsFile = keepsFile;
    this.#socket = socket;
    this.#server = server;
  }

  /**
   * @param answer returns the current line
   * @throws StartError with the reason if the address is not available
   */
  static async open(
    options: MasterSocketOptions,
    answer: () => string,
    limits: Partial<AgentLimits> = {},
  ): Promise<AgentPort> {
    const socket = await openMasterSocket(options);
    const server = createServer(answer, limits);
    await listen(server, socket);
    return new AgentPort(socket, server, options.inherited?.keepsFile ?? false);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get address(): ListenAddress {
    return this.#socket.address;
  }

  /** Stops accepting; resolves when the last connection has ended. */
  close(): Promise<void> {
    this.#socket.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function createServer(
  answer: () => string,
  { maxConnections, timeoutMs = TIMEOUT_MS }: Partial<AgentLimits>,
): net.Server {
  const server = net.createServer((socket) => {
    const cut = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on("close", () => clearTimeout(cut));
    socket.on("error", () => {});
    // Closing with unread bytes (agent-send) would send a reset, which can
    // discard the answer.
    socket.resume();
    socket.end(`${answer()}\n`);
  });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  return server;
}

async function listen(server: net.Server, socket: ListenSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(socket.toError(error));
    });
    server.once("listening", resolve);
    socket.serve(server);
  });
  // A failure to accept one client must not end the master.
  server.on("error", () => {});
}
