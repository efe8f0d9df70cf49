import type { AdminPages } from "./admin-server.ts";
import { AdminServer } from "./admin-server.ts";
import { hostAndPort } from "./host-and-port.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface AdminPortOptions {
  readonly address: { readonly host: string; readonly port: number };
  readonly pages: AdminPages;
  /** Bound already, by the master before this one. */
  readonly fd?: number | undefined;
}

const BACKLOG = 511;

/** The admin server and its socket, which goes from master to master. */
export class AdminPort {
  readonly #host: string;
  readonly #socket: ListenSocket;
  readonly #server: AdminServer;

  private constructor(host: string, socket: ListenSocket, server: AdminServer) {
    this.#host = host;
    this.#socket = socket;
    this.#server = server;
  }

  /** By which the socket is found again, whatever the port has become. */
  static nameOf(address: AdminPortOptions["address"]): string {
    return `admin:${hostAndPort(address)}`;
  }

  /** @throws StartError that says why the address cannot be had */
  static async open(options: AdminPortOptions): Promise<AdminPort> {
    const { address, pages, fd } = options;
    const socket = await ListenSocket.open({
      address,
      backlog: BACKLOG,
      scheduling: "shared",
      fd,
      onConnection: () => {},
      onAcceptError: () => {},
    });
    const handle = socket.sharedHandle ?? {};
    const server = await AdminServer.open(handle, pages);
    return new AdminPort(address.host, socket, server);
  }

  /** For a process that is to inherit it. */
  get fd(): number {
    return this.#socket.fd;
  }

  get port(): number {
    const { address } = this.#socket;
    return "port" in address ? address.port : 0;
  }

  /** Requests wait until it is clear which master answers. */
  hold(): void {
    this.#server.hold();
  }

  /** This one does. */
  resume(): void {
    this.#server.resume();
  }

  /** Another master listens on the same socket, and answers. */
  giveWay(): void {
    this.#server.giveWayTo({ host: this.#host, port: this.port });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
