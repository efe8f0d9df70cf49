/** One listener under node:http and under this server, for cases that compare. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { serveNode } from "../../../src/serve-node.ts";
import type { NodeListener } from "../../../src/worker/adapters/node-handler.ts";
import type { ServerAddress } from "../../support/server-address.ts";
import { serveHttp } from "../http1/served-http1.ts";

export const SERVERS = ["node:http", "this server"] as const;

export type ServerKind = (typeof SERVERS)[number];

export async function serveWith(
  kind: ServerKind,
  t: TestContext,
  listener: NodeListener,
  limits: object = {},
): Promise<ServerAddress> {
  if (kind === "this server") {
    const app = serveNode(listener);
    return (await serveHttp(app.handle.bind(app), { limits })).address;
  }
  const server = createServer((request, response) => {
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port };
}
