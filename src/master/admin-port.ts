import type { InheritedSocket } from "../shared/inheritance.ts";
import type { ListenAddress } from "../shared/listen-address.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";
import { ListenSocket } from "./listen-socket.ts";
import { listenerName } from "./listener-name.ts";

export interface AdminPortOptions {
  readonly address: ListenAddress;
  readonly pages: AdminPages;
  /** Bound already, by the master before this one, or by its supervisor. */
  readonly inherited?: InheritedSocket | undefined;
}

const BACKLOG = 511;

/** The admin server and its socket, which goes from master to master. */
export class AdminPort {
  /** The file of a unix socket is neither this process's nor its heir's. */
  readonly keepsFile: boolean;
  readonly #socket: ListenSocket;
  readonly #server: AdminServer;
  #hasGivenWay = false;

  private constructor(
    socket: ListenSocket,
    server: AdminServer,
    keepsFile: boolean,
  ) {
    this.keepsFile = keepsFile;
    this.#socket = socket;
    this.#server = server;
  }

  /** By which the socket is found again, whatever the port has become. */
  static nameOf(address: ListenAddress): string {
    return `admin:${listenerName(address)}`;
  }

  /** @throws StartError that says why the address cannot be had */
  static async open(options: AdminPortOptions): Promise<AdminPort> {
    const { address, pages, inherited } = options;
    const socket = await ListenSocket.open({
      address,
      backlog: BACKLOG,
      scheduling: "shared",
      ...inherited,
      onConnection: () => {},
      onAcceptError: () => {},
    });
    const server = await AdminServer.open(socket, pages);
    return new AdminPort(socket, server, inherited?.keepsFile ?? false);
  }

  /** For a process that is to inherit it. */
  get fd(): number {
    return this.#socket.fd;
  }

  /** Where it is; the port is the real one where 0 was asked for. */
  get address(): ListenAddress {
    return this.#socket.address;
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
    this.#hasGivenWay = true;
    this.#server.giveWayTo(this.address);
  }

  close(): Promise<void> {
    this.#socket.close({ keepsFile: this.#hasGivenWay });
    return this.#server.close();
  }
}
