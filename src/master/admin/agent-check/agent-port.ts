import type { ListenAddress } from "../../../shared/listen-address.ts";
import type { ListenSocket } from "../../sockets/listen-socket.ts";
import {
  type MasterPort,
  type MasterSocketOptions,
  openMasterSocket,
} from "../../sockets/master-socket.ts";
import { type AgentLimits, AgentServer } from "./agent-server.ts";

/** The port for agent-check and its socket, which goes from master to master. */
export class AgentPort implements MasterPort {
  readonly keepsFile: boolean;
  readonly #socket: ListenSocket;
  readonly #server: AgentServer;

  private constructor(
    socket: ListenSocket,
    server: AgentServer,
    keepsFile: boolean,
  ) {
    this.keepsFile = keepsFile;
    this.#socket = socket;
    this.#server = server;
  }

  /**
   * @param answer what is told at the moment
   * @throws StartError that says why the address cannot be had
   */
  static async open(
    options: MasterSocketOptions,
    answer: () => string,
    limits?: Partial<AgentLimits>,
  ): Promise<AgentPort> {
    const socket = await openMasterSocket(options);
    const server = await AgentServer.open(socket, answer, limits).catch(
      (error: NodeJS.ErrnoException) => Promise.reject(socket.toError(error)),
    );
    return new AgentPort(socket, server, options.inherited?.keepsFile ?? false);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get address(): ListenAddress {
    return this.#socket.address;
  }

  close(): Promise<void> {
    this.#socket.close();
    return this.#server.close();
  }
}
