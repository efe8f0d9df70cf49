import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { describe, it, type TestContext } from "node:test";
import {
  type AdminRoutes,
  AdminServer,
  jsonAnswer,
  textAnswer,
} from "../../../src/master/admin/admin-server.ts";
import { ConnectionFlood } from "../../support/connection-flood.ts";
import { deferred } from "../../support/deferred.ts";
import { httpGet } from "../../support/http-get.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { waitUntil } from "../../support/wait-until.ts";

const host = "127.0.0.1";

const ROUTES: AdminRoutes = new Map([
  ["/text", () => textAnswer(200, "grüß dich")],
  ["/json", () => jsonAnswer(503, { a: 1 })],
  [
    "/broken",
    () => {
      throw new Error("no metrics");
    },
  ],
]);

async function openServer(
  t: TestContext,
  routes: AdminRoutes = ROUTES,
): Promise<AdminServer> {
  const server = await AdminServer.open({ host, port: 0 }, { routes });
  t.after(() => server.close());
  return server;
}

async function ask(server: AdminServer, requestLine: string) {
  const bytes = `${requestLine} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const address = { host, port: server.port };
  const { responses } = await exchange(address, bytes, { responses: 1 });
  const [response] = responses;
  assert.ok(response);
  return response;
}

describe("the admin server", () => {
  it("answers GET with type and length, never from a cache", async (t) => {
    const server = await openServer(t);
    const { status, headers, body } = await httpGet(server.port, "/text");
    assert.equal(status, 200);
    assert.equal(body, "grüß dich\n");
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(headers["content-length"], "12");
    assert.equal(headers["cache-control"], "no-store");
  });

  it("answers JSON with its status", async (t) => {
    const server = await openServer(t);
    const { status, headers, body } = await httpGet(server.port, "/json");
    assert.equal(status, 503);
    assert.equal(headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(body), { a: 1 });
  });

  it("does not mind a query", async (t) => {
    const server = await openServer(t);
    const { status } = await httpGet(server.port, "/text?verbose=1");
    assert.equal(status, 200);
  });

  it("answers HEAD like GET, without the body", async (t) => {
    const server = await openServer(t);
    const response = await ask(server, "HEAD /text");
    assert.equal(response.status, 200);
    assert.equal(response.body.length, 0);
  });

  it("answers other methods with 405 and Allow", async (t) => {
    const server = await openServer(t);
    const { port } = server;
    const { promise, resolve } = deferred<http.IncomingMessage>();
    http.request({ host, port, path: "/text", method: "PUT" }, resolve).end();
    const response = await promise;
    response.resume();
    assert.equal(response.statusCode, 405);
    assert.equal(response.headers.allow, "GET, HEAD");
  });

  it("answers other paths with 404 and what there is", async (t) => {
    const server = await openServer(t);
    const { status, body } = await httpGet(server.port, "/metric");
    assert.equal(status, 404);
    assert.equal(body, "not found; there is /text /json /broken\n");
  });

  it("answers 500 where a route throws, and goes on", async (t) => {
    const server = await openServer(t);
    const { status, body } = await httpGet(server.port, "/broken");
    assert.equal(status, 500);
    assert.match(body, /no metrics/);
    assert.equal((await httpGet(server.port, "/text")).status, 200);
  });

  it("refuses an address that is taken", async (t) => {
    const { port } = await openServer(t);
    const second = AdminServer.open({ host, port }, { routes: ROUTES });
    await assert.rejects(second, { code: "EADDRINUSE" });
  });

  it("has no more connections than it may, and drops others", async (t) => {
    const most = 3;
    const server = await AdminServer.open(
      { host, port: 0 },
      { routes: ROUTES },
      most,
    );
    t.after(() => server.close());
    const address = { host, port: server.port };
    const flood = await ConnectionFlood.open(address, 10);
    const what = "the others to be dropped";
    await waitUntil(() => flood.ended === 10 - most, { what });
    await flood.leave();
    const isAnswered = async () => {
      return (await httpGet(server.port, "/text")).status === 200;
    };
    await waitUntil(isAnswered, { what: "room for another one" });
  });
});

describe("an admin server that closes", () => {
  it("does not wait for idle keep-alive connections", async (t) => {
    const server = await openServer(t);
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const { port } = server;
    const { promise, resolve } = deferred();
    http.get({ host, port, path: "/text", agent }, (response) => {
      response.resume().once("end", resolve);
    });
    await promise;
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await server.close();
    await assert.rejects(httpGet(port, "/text"), { code: "ECONNREFUSED" });
  });

  it("finishes the answer that is under way", async (t) => {
    const { promise: asked, resolve: onAsked } = deferred();
    const { promise: mayGoOn, resolve: goOn } = deferred();
    const slow = async () => {
      onAsked();
      await mayGoOn;
      return textAnswer(200, "done");
    };
    const server = await openServer(t, new Map([["/slow", slow]]));
    const answer = httpGet(server.port, "/slow");
    await asked;
    const closed = server.close();
    goOn();
    assert.equal((await answer).body, "done\n");
    await closed;
  });

  it("cuts a client that says nothing", async (t) => {
    const server = await openServer(t);
    const client = net.connect(server.port, host);
    const { promise: cut, resolve } = deferred();
    client.once("close", () => resolve());
    client.on("error", () => {});
    await new Promise((onConnect) => client.once("connect", onConnect));
    await server.close();
    await cut;
  });
});
