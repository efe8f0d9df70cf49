/**
 * A listening socket without a `net.Server`: the `TCP` or `Pipe` object that
 * Node's own cluster module binds, accepts on and sends to workers.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `server.listen()`, which begins to accept as soon as it has the address, and
 * takes handles of TCP only.
 */
import net from "node:net";
import type { RawHandle } from "../ipc-messages.ts";

export interface ListeningHandle extends RawHandle {
  readonly fd: number;
  close(): void;
}

/** Called per connection. */
export interface AcceptEvents {
  readonly onConnection: (client: RawHandle) => void;
  /** @param status negative error number of the system */
  readonly onAcceptError: (status: number) => void;
}

interface ServerHandle extends ListeningHandle {
  onconnection?: (status: number, client: RawHandle | undefined) => void;
  getsockname?(out: { port?: number }): number;
  listen(backlog: number): number;
}

type CreateServerHandle = (
  address: string | null,
  port: number,
  addressType: 4 | 6 | -1,
  fd?: number,
  flags?: number,
) => ServerHandle | number;

type SetupListenHandle = (
  address: null,
  port: -1,
  addressType: -1,
  backlog: number,
) => void;

const { _createServerHandle } = net as unknown as {
  _createServerHandle: CreateServerHandle;
};

/** `UV_TCP_IPV6ONLY` of libuv. */
const IPV6_ONLY = 1;

/** @returns a handle that does not accept yet, or a negative error number */
export function bindPort(
  address: string,
  port: number,
  { ipv6Only = false } = {},
): ListeningHandle | number {
  const isIpv6 = net.isIPv6(address);
  const flags = isIpv6 && ipv6Only ? IPV6_ONLY : 0;
  const type = isIpv6 ? 6 : 4;
  const handle = _createServerHandle(address, port, type, undefined, flags);
  if (typeof handle === "number") return handle;
  // libuv reports a port in use only when asked for the bound name.
  const status = handle.getsockname?.({}) ?? 0;
  if (status === 0) return handle;
  handle.close();
  return status;
}

/** @returns a handle that does not accept yet, or a negative error number */
export function bindPath(path: string): ListeningHandle | number {
  return _createServerHandle(path, -1, -1);
}

/** Takes over a bound descriptor; undefined if it is none to listen on. */
export function inheritDescriptor(fd: number): ListeningHandle | undefined {
  const handle = _createServerHandle(null, 0, -1, fd);
  return typeof handle === "number" ? undefined : handle;
}

/** Undefined for a unix socket. */
export function boundPortOf(handle: ListeningHandle): number | undefined {
  const bound: { port?: number } = {};
  (handle as ServerHandle).getsockname?.(bound);
  return bound.port;
}

/** @returns 0, or the negative error number with which it failed */
export function acceptOn(
  handle: RawHandle,
  backlog: number,
  { onConnection, onAcceptError }: AcceptEvents,
): number {
  const server = handle as ServerHandle;
  server.onconnection = (status, client) => {
    if (client) onConnection(client);
    else onAcceptError(status);
  };
  return server.listen(backlog);
}

/**
 * Lets a `net.Server` accept on the handle. It emits "listening", or "error"
 * if the handle cannot listen.
 */
export function serveOn(
  handle: ListeningHandle,
  server: net.Server,
  backlog: number,
): void {
  Object.assign(server, { _handle: handle });
  const { _listen2 } = server as unknown as { _listen2: SetupListenHandle };
  _listen2.call(server, null, -1, -1, backlog);
}

/** Closes a handle of a listening socket or of a connection. */
export function closeHandle(handle: RawHandle): void {
  (handle as ServerHandle).close();
}
