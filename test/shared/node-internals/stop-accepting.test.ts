import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { describe, it } from "node:test";
import { stopAccepting } from "../../../src/shared/node-internals/stop-accepting.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

describe("an HTTP server that accepts no more", { timeout: 10_000 }, () => {
  it("answers a connection that has sent nothing yet", async (t) => {
    const server = http.createServer((_request, response) => response.end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const client = net.connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    await once(server, "connection");
    stopAccepting(server);
    assert.equal(server.listening, false);
    client.write(REQUEST);
    const [answer] = await once(client, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
    const late = net.connect(port, "127.0.0.1");
    const [error] = await once(late, "error");
    assert.equal(error.code, "ECONNREFUSED");
  });
});
