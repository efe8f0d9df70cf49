import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { afterEach, describe, test } from "node:test";
import { exchange } from "./raw-exchange.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function answering(react: (socket: net.Socket) => void) {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => react(socket));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as net.AddressInfo).port };
}

describe("a raw exchange", () => {
  test("ends open once it has the responses it wants", async () => {
    const address = await answering((socket) => socket.write(OK + OK));
    const result = await exchange(address, GET + GET, { responses: 2 });
    assert.equal(result.ending, "open");
    assert.equal(result.responses.length, 2);
    assert.equal(result.raw.toString(), OK + OK);
  });

  test("sees a FIN, and a response it cut", async () => {
    const address = await answering((socket) => socket.end(OK + OK.slice(9)));
    await assert.rejects(exchange(address, GET, { untilClosed: true }));
    const cut = await answering((socket) => socket.end(OK + OK.slice(0, 9)));
    const result = await exchange(cut, GET, { untilClosed: true });
    assert.equal(result.ending, "fin");
    assert.equal(result.responses.length, 1);
    assert.equal(result.isPartial, true);
  });

  test("sees a reset", async () => {
    const address = await answering((socket) => socket.resetAndDestroy());
    const result = await exchange(address, GET, { untilClosed: true });
    assert.equal(result.ending, "reset");
    assert.deepEqual(result.responses, []);
  });

  test("expects no body in the answer to HEAD", async () => {
    const address = await answering((socket) => socket.end(OK.slice(0, -2)));
    const request = GET.replace("GET", "HEAD");
    const result = await exchange(address, request, { untilClosed: true });
    assert.equal(result.responses[0]?.body.length, 0);
    assert.equal(result.isPartial, false);
  });

  test("rejects at its time-out with what came", async () => {
    const address = await answering((socket) => socket.write("HTTP/1.1 2"));
    const options = { untilClosed: true, timeoutMs: 30 } as const;
    await assert.rejects(exchange(address, GET, options), /30 ms.*HTTP\/1.1 2/);
  });

  test("rejects if it cannot connect", async () => {
    const address = { socketPath: "/no/such/socket" };
    await assert.rejects(exchange(address, GET, { responses: 1 }), {
      code: "ENOENT",
    });
  });
});
