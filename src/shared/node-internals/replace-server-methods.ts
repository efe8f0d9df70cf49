/**
 * Replaces the methods by which a server shows that it listens, for servers that
 * do not listen by Node.
 *
 * The methods of Node's prototypes are replaced, not those of a server: a
 * method that the program has put on its server, or into a class of its own,
 * stays in front of them and may call them.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents neither which
 * prototype has a method, nor that `close()` of HTTP servers calls that of
 * `net.Server`.
 */
import http from "node:http";
import https from "node:https";
import net from "node:net";

/** Has the methods in place of Node's. */
export interface ListeningServer {
  readonly listening: boolean;
  address(): unknown;
  close(callback?: (error?: Error) => void): unknown;
  getConnections(callback: (error: null, count: number) => void): unknown;
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

type Method = Exclude<keyof ListeningServer, "listening">;
type Methods = Record<Method, (...args: unknown[]) => unknown>;
/** Returns undefined for a server that is left to Node. */
type Find = (server: object) => ListeningServer | undefined;

const OF_ALL: readonly Method[] = ["address", "close", "getConnections"];
const OF_HTTP: readonly Method[] = [
  "closeIdleConnections",
  "closeAllConnections",
];

/** From now on these methods of all servers ask `find` first. */
export function replaceServerMethods(find: Find): void {
  for (const name of OF_ALL) replace(net.Server.prototype, name, find);
  for (const { prototype } of [http.Server, https.Server]) {
    for (const name of OF_HTTP) replace(prototype, name, find);
  }
  replaceListening(net.Server.prototype, find);
}

function replace(prototype: object, name: Method, find: Find): void {
  const methodOfNode = (prototype as Methods)[name];
  Object.defineProperty(prototype, name, {
    configurable: true,
    writable: true,
    value(this: object, ...args: unknown[]): unknown {
      const server = find(this);
      if (!server) return Reflect.apply(methodOfNode, this, args);
      return Reflect.apply(server[name], server, args);
    },
  });
}

function replaceListening(prototype: object, find: Find): void {
  const { get } = Object.getOwnPropertyDescriptor(prototype, "listening") ?? {};
  Object.defineProperty(prototype, "listening", {
    configurable: true,
    enumerable: true,
    get(this: object): boolean {
      return find(this)?.listening ?? Boolean(get?.call(this));
    },
  });
}
