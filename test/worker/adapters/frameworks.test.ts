/** What apps for `node:http` answer, there and here. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { serveNode } from "../../../src/serve-node.ts";
import type { NodeListener } from "../../../src/worker/adapters/node-handler.ts";
import type { Exchange } from "../../support/raw-exchange.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "../http1/served-http1.ts";
import { SITES, type SiteLog, type SiteName } from "./sample-apps.ts";
import { SITE_CASES } from "./site-cases.ts";

/** Fields of the connection, and those that each server words itself. */
const OF_THE_SERVER = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "date",
  "server",
]);

interface Site {
  readonly listener: NodeListener;
  readonly log: SiteLog;
}

async function makeSite(name: SiteName): Promise<Site> {
  const log = { events: [] };
  return { listener: await SITES[name](log), log };
}

/** A length that only we tell is how we frame what they send in chunks. */
function comparable({ responses }: Exchange, { responses: theirs }: Exchange) {
  return responses.map(({ status, reason, fields, body }, index) => {
    const names = theirs[index]?.fields.map(([field]) => field.toLowerCase());
    const isOfApp = ([field]: readonly [string, string]) => {
      const lowerCase = field.toLowerCase();
      if (lowerCase === "content-length") return names?.includes(lowerCase);
      return !OF_THE_SERVER.has(lowerCase);
    };
    return {
      status,
      reason,
      fields: fields
        .filter(isOfApp)
        .map(([field, value]) => `${field.toLowerCase()}: ${value}`)
        .sort(),
      body: body.length > 10_000 ? `${body.length} bytes` : body.toString(),
    };
  });
}

for (const name of Object.keys(SITES) as SiteName[]) {
  describe(`${name} answers as under node:http`, () => {
    let theirs: Site;
    let ours: Site;
    let server: Server;
    let address: ServerAddress;
    before(async () => {
      theirs = await makeSite(name);
      ours = await makeSite(name);
      server = createServer(theirs.listener);
      await once(server.listen(0, "127.0.0.1"), "listening");
      address = { port: (server.address() as AddressInfo).port };
    });
    after(async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    });
    const serveOurs = async () => {
      const app = serveNode(ours.listener);
      return (await serveHttp(app.handle.bind(app))).address;
    };

    for (const { title, bytes, methods, sites } of SITE_CASES) {
      if (sites && !sites.includes(name)) continue;
      test(title, async () => {
        const options = { responses: methods.length, methods };
        const expected = await exchange(address, bytes, options);
        const actual = await exchange(await serveOurs(), bytes, options);
        assert.deepEqual(
          comparable(actual, expected),
          comparable(expected, expected),
        );
      });
    }

    test("a client that leaves", async () => {
      const pairs = [
        [address, theirs.log],
        [await serveOurs(), ours.log],
      ] as const;
      for (const [each, log] of pairs) {
        const socket = connect(each);
        socket.write("GET /hang HTTP/1.1\r\nHost: h\r\n\r\n");
        const seen = (event: string) =>
          waitUntil(() => log.events.some((each) => each.startsWith(event)), {
            what: event,
          });
        await seen("hanging");
        socket.destroy();
        await seen("response closed");
      }
      assert.deepEqual(ours.log.events, theirs.log.events);
    });
  });
}
