/**
 * The servers of a program that listens by itself. In this process `listen()`
 * of `node:http` does not bind: the master does, for all workers.
 */
import type { Server } from "node:http";
import os from "node:os";
import { replaceListen } from "../../shared/node-internals/replace-listen.ts";
import { replaceServerMethods } from "../../shared/node-internals/replace-server-methods.ts";
import type {
  BindRequest,
  BoundAddress,
  ProgramAddress,
} from "../../shared/program-listener.ts";
import { isNodeServer, isTlsServer } from "../adapters/node-server.ts";
import { parseListenArguments } from "./listen-arguments.ts";
import { ProgramServer, type ServerConnections } from "./program-server.ts";

export interface ProgramServersOptions {
  /** Asks the master for a listener. */
  readonly bind: (request: BindRequest) => void;
  /**
   * Serves a listener that the master has bound.
   *
   * @throws Error if it cannot be served
   */
  readonly serve: (server: Server, listener: number) => ServerConnections;
  /** Serves a listener no more. */
  readonly release: (listener: number) => void;
  /** The program listens for the first time. */
  readonly onFirstListen: () => void;
}

/** The system's texts. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "address not available",
};

const PRIVILEGED_HINT =
  " (an address in the settings, as by --port, is bound before the server " +
  "becomes another user)";

const UNUSED = () => {};

export class ProgramServers {
  readonly #options: ProgramServersOptions;
  /** By the id of their request to the master. */
  readonly #asked = new Map<number, ProgramServer>();
  /** Servers that listen, or still have connections. */
  readonly #open = new Set<ProgramServer>();
  readonly #byServer = new WeakMap<object, ProgramServer>();
  #lastId = 0;
  /** Requests with port 0. */
  #portless = 0;
  #onSettled = UNUSED;

  constructor(options: ProgramServersOptions) {
    this.#options = options;
  }

  /** Whether the program has called `listen()`. */
  get hasListened(): boolean {
    return this.#lastId > 0;
  }

  /** From now on `listen()` of all servers of `node:http` comes here. */
  install(): void {
    replaceListen((server, args) => {
      if (isHttp2Server(server)) throw noHttp2();
      return isNodeServer(server) && this.#listen(server, args);
    });
    replaceServerMethods((server) => {
      const hosted = this.#byServer.get(server);
      return hosted?.isOver ? undefined : hosted;
    });
  }

  /** Resolves when the master has answered all requests so far. */
  async whenSettled(): Promise<void> {
    while (this.#asked.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
  }

  onBound(id: number, listener: number, address: BoundAddress): void {
    const server = this.#take(id);
    if (!server) return;
    if (!server.isBinding) {
      this.#options.release(listener); // closed meanwhile
      return;
    }
    try {
      const connections = this.#options.serve(server.server, listener);
      this.#open.add(server);
      server.onBound(address, connections);
    } catch (error) {
      this.#options.release(listener);
      server.onFailed(error as Error);
    }
  }

  onFailed(id: number, code: string, message: string): void {
    const server = this.#take(id);
    if (!server?.isBinding) return;
    server.onFailed(listenError(code, message, server.wanted));
  }

  /** A connection has opened or closed. */
  onCountChanged(): void {
    for (const server of this.#open) {
      server.onCountChanged();
      if (server.isOver) this.#open.delete(server);
    }
  }

  #take(id: number): ProgramServer | undefined {
    const server = this.#asked.get(id);
    this.#asked.delete(id);
    // After the events of this answer, on which the program may listen again.
    if (this.#asked.size === 0) setImmediate(() => this.#settle());
    return server;
  }

  #settle(): void {
    if (this.#asked.size > 0) return;
    this.#onSettled();
    this.#onSettled = UNUSED;
  }

  /** @returns false for what is left to Node: handles and descriptors */
  #listen(server: Server, args: readonly unknown[]): boolean {
    const { address, backlog, signal, callback } = parseListenArguments(args);
    if (!address) return false;
    const before = this.#byServer.get(server);
    if (server.listening || (before && !before.isClosed)) {
      throw alreadyListens();
    }
    if (callback) server.once("listening", callback);
    const hosted = new ProgramServer(server, address);
    closeOnAbort(hosted, signal);
    this.#byServer.set(server, hosted);
    const id = ++this.#lastId;
    this.#asked.set(id, hosted);
    this.#options.bind({
      ...{ id, address: this.#numbered(address), backlog },
      isTls: isTlsServer(server),
    });
    if (id === 1) this.#options.onFirstListen();
    return true;
  }

  #numbered(address: ProgramAddress): ProgramAddress {
    if ("socketPath" in address || address.port !== 0) return address;
    return { ...address, ordinal: ++this.#portless };
  }
}

function closeOnAbort(
  server: ProgramServer,
  signal: AbortSignal | undefined,
): void {
  if (!signal) return;
  const close = () => server.close();
  if (signal.aborted) process.nextTick(close);
  else signal.addEventListener("abort", close, { once: true });
}

/** Node exports no class of them. */
function isHttp2Server(server: object): boolean {
  return "updateSettings" in server;
}

function noHttp2(): Error {
  return new Error(
    "Remuda serves HTTP/1.1: instead of a server of node:http2 make one of " +
      "node:http or node:https, and let the load balancer speak HTTP/2",
  );
}

function alreadyListens(): Error {
  const text = "Listen method has been called more than once without closing.";
  return Object.assign(new Error(text), { code: "ERR_SERVER_ALREADY_LISTEN" });
}

/** As `listen()` of `node:net` reports it. */
function listenError(
  code: string,
  message: string,
  wanted: ProgramAddress,
): Error {
  const [place, fields] = placeOf(wanted);
  const errno = -(Reflect.get(os.constants.errno, code) ?? 0);
  const known = REASONS[code] ? `${REASONS[code]} ${place}` : message;
  const reason = code === "EACCES" ? `${known}${PRIVILEGED_HINT}` : known;
  const error = new Error(`listen ${code}: ${reason}`, { cause: message });
  return Object.assign(error, { code, errno, syscall: "listen", ...fields });
}

function placeOf(wanted: ProgramAddress): [string, object] {
  if ("socketPath" in wanted) {
    return [wanted.socketPath, { address: wanted.socketPath, port: -1 }];
  }
  const { host: address = "::", port } = wanted;
  return [`${address}:${port}`, { address, port }];
}
