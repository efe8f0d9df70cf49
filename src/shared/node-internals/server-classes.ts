/**
 * The classes that a server makes its messages of: options of
 * `http.createServer()`.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents the options,
 * and no way to ask a server for them.
 */
import { IncomingMessage, type Server, ServerResponse } from "node:http";

const CLASSES = { IncomingMessage, ServerResponse };

/** Names of those that are not Node's own. */
export function ownClassesOf(server: Server): string[] {
  const keys = Object.getOwnPropertySymbols(server);
  return Object.entries(CLASSES).flatMap(([name, usual]) => {
    const key = keys.find(({ description }) => description === name);
    return key && Reflect.get(server, key) !== usual ? [name] : [];
  });
}
