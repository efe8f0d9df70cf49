import assert from "node:assert/strict";
import { ListenSocket } from "../../src/master/sockets/listen-socket.ts";
import { monotonicClock } from "../../src/shared/clock.ts";
import type { DescriptorReserve } from "../../src/shared/descriptor-reserve.ts";
import {
  type ConnectionLimit,
  Listener,
} from "../../src/worker/net/listener.ts";
import type { ProtocolFactory } from "../../src/worker/net/protocol.ts";
import type { ProxyHeaderOptions } from "../../src/worker/net/proxy-headers.ts";
import type { TlsOptions } from "../../src/worker/net/tls-handshakes.ts";
import type { ServerAddress } from "./server-address.ts";
import { TRUSTING } from "./tls-fixtures.ts";
import { waitUntil } from "./wait-until.ts";

export interface ServeOptions {
  readonly scheduling?: "balanced" | "shared";
  readonly writeTimeoutMs?: number;
  readonly lingeringCloseTimeoutMs?: number;
  readonly socketPath?: string;
  readonly tls?: TlsOptions;
  readonly limit?: ConnectionLimit | undefined;
  readonly reserve?: DescriptorReserve;
  readonly proxyHeaders?: ProxyHeaderOptions | undefined;
}

export interface Served {
  readonly listener: Listener;
  readonly address: ServerAddress;
  /** Accepted connections, and changes of the connection count. */
  readonly counts: { accepted: number; changes: number };
  /** Reasons of connections that were closed unserved. */
  readonly dropped: readonly string[];
  /** Also closes all its connections. */
  readonly close: () => Promise<void>;
}

/** Opens a listener on a real socket; the caller must close it. */
export async function openListener(
  protocol: ProtocolFactory,
  options: ServeOptions = {},
): Promise<Served> {
  const { scheduling = "shared", socketPath } = options;
  const counts = { accepted: 0, changes: 0 };
  const dropped: string[] = [];
  const listener = new Listener({
    clock: monotonicClock,
    writeTimeoutMs: options.writeTimeoutMs ?? 30_000,
    lingeringCloseTimeoutMs: options.lingeringCloseTimeoutMs ?? 5_000,
    protocol,
    tls: options.tls,
    limit: options.limit,
    reserve: options.reserve,
    proxyHeaders: options.proxyHeaders,
    onAccept: () => counts.accepted++,
    onDropped: (reason) => dropped.push(reason),
    onCountChanged: () => counts.changes++,
  });
  const socket = await ListenSocket.open({
    address: socketPath ? { socketPath } : { host: "127.0.0.1", port: 0 },
    backlog: 511,
    scheduling,
    onConnection: (handle) => listener.adopt(handle),
    onAcceptError: (code) => assert.fail(code),
  });
  socket.accept();
  if (socket.sharedHandle) listener.listen(socket.sharedHandle, 511);
  const close = async () => {
    listener.shutdown(0);
    listener.abortAll();
    socket.close();
    const what = "all connections to be gone";
    await waitUntil(() => listener.count === 0, { what });
  };
  const where =
    "socketPath" in socket.address
      ? socket.address
      : { port: socket.address.port };
  const address = options.tls ? { ...where, tls: TRUSTING } : where;
  return { listener, address, counts, dropped, close };
}
