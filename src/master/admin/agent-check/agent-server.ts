/**
 * The port that HAProxy's agent-check asks: whoever connects is told one line,
 * and the connection ends. What is sent here is never waited for or looked at.
 */
import net from "node:net";
import type { ListenSocket } from "../../sockets/listen-socket.ts";

export interface AgentLimits {
  /** Connections over this limit are closed without an answer. */
  readonly maxConnections: number;
  /** The line is on its way at once: who has not closed by then is cut off. */
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 1_000;

export class AgentServer {
  readonly #server: net.Server;

  private constructor(
    answer: () => string,
    { maxConnections, timeoutMs = TIMEOUT_MS }: Partial<AgentLimits>,
  ) {
    this.#server = net.createServer((socket) => {
      const cut = setTimeout(() => socket.destroy(), timeoutMs);
      socket.on("close", () => clearTimeout(cut));
      socket.on("error", () => {});
      // A close with unread bytes (agent-send) would be a reset, which can take
      // the answer with it.
      socket.resume();
      socket.end(`${answer()}\n`);
    });
    if (maxConnections !== undefined) {
      this.#server.maxConnections = maxConnections;
    }
  }

  /** @throws the system's error where the socket cannot listen */
  static async open(
    socket: ListenSocket,
    answer: () => string,
    limits: Partial<AgentLimits> = {},
  ): Promise<AgentServer> {
    const agent = new AgentServer(answer, limits);
    await new Promise<void>((resolve, reject) => {
      agent.#server.once("error", reject);
      agent.#server.once("listening", resolve);
      socket.serve(agent.#server);
    });
    // A failure to accept one client must not end the master.
    agent.#server.on("error", () => {});
    return agent;
  }

  /** Nobody is accepted any more; resolves when the last one is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
