import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import {
  type ListenSocket,
  type MasterPort,
  type MasterSocketOptions,
  openMasterSocket,
} from "../sockets/listen-socket.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";

export interface AdminPortOptions extends MasterSocketOptions {
  readonly pages: AdminPages;
  /** Connections over this limit are closed at once. */
  readonly maxConnections?: number | undefined;
}

/** The admin server and its socket. The socket goes from master to master. */
export class AdminPort implements MasterPort {
  readonly keepsFile: boolean;
  readonly #socket: ListenSocket;
  readonly #server: AdminServer;
  #isForwarding = false;

  private constructor(
    socket: ListenSocket,
    server: AdminServer,
    keepsFile: boolean,
  ) {
    this.keepsFile = keepsFile;
    this.#socket = socket;
    this.#server = server;
  }

  /** @throws StartError that says why the address cannot be had */
  static async open(options: AdminPortOptions): Promise<AdminPort> {
    const socket = await openMasterSocket(options);
    const { pages, maxConnections } = options;
    const server = await AdminServer.open(socket, pages, maxConnections).catch(
      (error: NodeJS.ErrnoException) => Promise.reject(socket.toError(error)),
    );
    return new AdminPort(socket, server, options.inherited?.keepsFile ?? false);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get address(): ListenAddress {
    return this.#socket.address;
  }

  /** Makes requests wait until it is known which master answers. */
  hold(): void {
    this.#server.hold();
  }

  /** This master answers. */
  resume(): void {
    this.#server.resume();
  }

  /** Another master listens on the same socket, and answers. */
  forward(): void {
    this.#isForwarding = true;
    this.#server.forwardTo(this.address);
  }

  close(): Promise<void> {
    this.#socket.close({ keepsFile: this.#isForwarding });
    return this.#server.close();
  }
}
