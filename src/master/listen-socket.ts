/**
 * The listening socket, owned by the master for as long as it lives. The one
 * file that uses Node's private handles, the same ones and in the same way as
 * Node's own cluster module:
 *
 * - "balanced": `server._handle.onconnection`, which gives accepted
 *   connections as raw handles, without a `net.Socket` around each;
 * - "shared": `net._createServerHandle`, which binds without accepting.
 */
import dns from "node:dns/promises";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import util from "node:util";
import type { RawHandle } from "../shared/ipc-messages.ts";
import type { ListenAddress } from "./listen-address.ts";
import { toListenError } from "./listen-error.ts";

export interface ListenOptions {
  readonly address: ListenAddress;
  readonly backlog: number;
  readonly scheduling: "balanced" | "shared";
  /** In "balanced": a client has connected. */
  readonly onConnection: (handle: RawHandle) => void;
  /** In "balanced": accepting one failed, as when descriptors run out. */
  readonly onAcceptError: (code: string) => void;
}

interface ServerHandle extends RawHandle {
  onconnection?: (status: number, client: RawHandle | undefined) => void;
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6 | -1,
) => ServerHandle | number;

const { _createServerHandle } = net as unknown as {
  _createServerHandle: CreateServerHandle;
};

export class ListenSocket {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  /** In "shared": what workers accept on. */
  readonly sharedHandle: RawHandle | undefined;
  readonly #close: () => void;

  private constructor(
    address: ListenAddress,
    close: () => void,
    sharedHandle?: RawHandle,
  ) {
    this.address = address;
    this.#close = close;
    this.sharedHandle = sharedHandle;
  }

  /** @throws StartError that says why the address cannot be had */
  static async open(options: ListenOptions): Promise<ListenSocket> {
    const { address, scheduling } = options;
    try {
      if ("socketPath" in address) await makeWay(address.socketPath);
      return scheduling === "shared"
        ? await openShared(options)
        : await openBalanced(options);
    } catch (error) {
      throw toListenError(address, error as NodeJS.ErrnoException);
    }
  }

  /** Refuses new connections. */
  close(): void {
    this.#close();
  }

  static opened(
    address: ListenAddress,
    close: () => void,
    sharedHandle?: RawHandle,
  ): ListenSocket {
    return new ListenSocket(address, close, sharedHandle);
  }
}

async function openBalanced(options: ListenOptions): Promise<ListenSocket> {
  const { address, backlog, onConnection, onAcceptError } = options;
  const where =
    "socketPath" in address ? { path: address.socketPath } : { ...address };
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...where, backlog }, resolve);
  });
  const { _handle } = server as unknown as { _handle: ServerHandle };
  _handle.onconnection = (status, client) => {
    if (client) onConnection(client);
    else onAcceptError(errorName(status));
  };
  return ListenSocket.opened(withRealPort(address, server.address()), () => {
    server.close();
  });
}

async function openShared({ address }: ListenOptions): Promise<ListenSocket> {
  const handle = await bind(address);
  const out: { address?: string; port?: number } = {};
  // A port that is taken shows only when the bound name is asked for.
  const status = handle.getsockname?.(out) ?? 0;
  if (status !== 0) {
    handle.close();
    throw errorOf(status);
  }
  const close = () => {
    handle.close();
    if ("socketPath" in address) fs.rmSync(address.socketPath, { force: true });
  };
  return ListenSocket.opened(withRealPort(address, out), close, handle);
}

async function bind(address: ListenAddress): Promise<ServerHandle> {
  let handle: ServerHandle | number;
  if ("socketPath" in address) {
    handle = _createServerHandle(address.socketPath, -1, -1);
  } else {
    const found = await dns.lookup(address.host);
    const family = found.family === 6 ? 6 : 4;
    handle = _createServerHandle(found.address, address.port, family);
  }
  if (typeof handle === "number") throw errorOf(handle);
  return handle;
}

async function makeWay(socketPath: string): Promise<void> {
  // Binding would call a folder that does not exist "permission denied".
  fs.accessSync(path.dirname(socketPath));
  await removeStale(socketPath);
}

/** A socket file on which nobody listens is what a crash left behind. */
async function removeStale(socketPath: string): Promise<void> {
  const isSocket = fs
    .statSync(socketPath, { throwIfNoEntry: false })
    ?.isSocket();
  if (!isSocket || (await isListening(socketPath))) return;
  fs.rmSync(socketPath, { force: true });
}

function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "ECONNREFUSED");
    });
  });
}

function withRealPort(
  address: ListenAddress,
  bound: string | { port?: number } | null,
): ListenAddress {
  if ("socketPath" in address || !bound || typeof bound === "string") {
    return address;
  }
  return { ...address, port: bound.port ?? address.port };
}

function errorName(status: number): string {
  return util.getSystemErrorName(status);
}

function errorOf(status: number): NodeJS.ErrnoException {
  const code = errorName(status);
  return Object.assign(new Error(code), { code });
}
