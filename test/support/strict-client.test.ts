import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, afterEach, describe, test } from "node:test";
import type { FailureKind } from "./client-report.ts";
import { freePort } from "./free-port.ts";
import {
  type RequestSpec,
  type ResponseCheck,
  type StrictClient,
  type StrictClientOptions,
  startStrictClient,
} from "./strict-client.ts";
import { waitUntil } from "./wait-until.ts";

const GET: RequestSpec = { method: "GET", path: "/" };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const MIB = 1024 * 1024;

const toClose: (() => void)[] = [];
afterEach(() => {
  for (const close of toClose.splice(0)) close();
});

async function listening(server: net.Server): Promise<number> {
  toClose.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

/** Starts a server that reacts to each chunk as to a request. */
function answering(react: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => react(socket));
  });
  return listening(server);
}

function startClient(
  port: number,
  options: Partial<StrictClientOptions> = {},
): StrictClient {
  const client = startStrictClient({
    port,
    connections: 1,
    keepAlive: true,
    pauseMs: { min: 0, max: 2 },
    mix: [GET],
    requestTimeoutMs: 2_000,
    ...options,
  });
  toClose.push(() => client.stop());
  return client;
}

/** The first failure of a client on that server. */
async function firstFailure(
  port: number,
  options?: Partial<StrictClientOptions>,
) {
  const client = startClient(port, options);
  await waitUntil(() => client.report.failureCount > 0, { what: "a failure" });
  const report = await client.stop();
  const [failure] = report.failures;
  assert.ok(failure);
  assert.equal(failure.request, "GET /");
  assert.equal(failure.connection, 0);
  return { ...failure, report };
}

describe("the strict client counts", () => {
  test("a refused connection", async () => {
    const failure = await firstFailure(await freePort());
    assert.equal(failure.kind, "connect");
    assert.equal(failure.code, "ECONNREFUSED");
    assert.equal(failure.report.connects, 0);
  });

  test("a reset", async () => {
    const port = await answering((socket) => socket.resetAndDestroy());
    const failure = await firstFailure(port);
    assert.equal(failure.kind, "reset");
    assert.equal(failure.code, "ECONNRESET");
  });

  const endings: [string, string, FailureKind][] = [
    ["an EOF instead of an answer", "", "eof"],
    ["an EOF within the head", OK.slice(0, 20), "eof"],
    ["an EOF within a counted body", OK.slice(0, -1), "eof"],
    [
      "an EOF before the last chunk",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
      "eof",
    ],
    ["an EOF after a 100 only", "HTTP/1.1 100 Continue\r\n\r\n", "eof"],
    ["a byte after the response", `${OK}!`, "extraData"],
    ["a second response", OK + OK, "extraData"],
    [
      "a byte after the last response of a connection",
      `${OK.replace("OK", "OK\r\nConnection: x, CLOSE")}!`,
      "extraData",
    ],
    ["a status it does not expect", OK.replace("200", "500"), "status"],
    ["something that is not HTTP", "SSH-2.0-x\r\n", "malformed"],
    [
      "a response with two lengths",
      OK.replace("OK", "OK\r\nTransfer-Encoding: chunked"),
      "malformed",
    ],
  ];
  for (const [what, answer, kind] of endings) {
    test(what, async () => {
      const port = await answering((socket) => socket.end(answer, "latin1"));
      assert.equal((await firstFailure(port)).kind, kind);
    });
  }

  test("bytes that come while nothing is asked", async () => {
    const port = await answering((socket) => {
      socket.write(OK, () => setImmediate(() => socket.write("!")));
    });
    const pauseMs = { min: 50, max: 50 };
    assert.equal((await firstFailure(port, { pauseMs })).kind, "extraData");
  });

  test("an answer that does not come in time", async () => {
    const port = await answering(() => {});
    const failure = await firstFailure(port, { requestTimeoutMs: 30 });
    assert.equal(failure.kind, "timeout");
    assert.match(failure.detail ?? "", /without any answer/);
  });

  test("an answer that is not whole in time", async () => {
    const port = await answering((socket) => socket.write(OK.slice(0, -1)));
    const failure = await firstFailure(port, { requestTimeoutMs: 30 });
    assert.equal(failure.kind, "timeout");
    assert.match(failure.detail ?? "", /in the middle/);
  });

  test("a body that its check refuses, and goes on", async () => {
    const port = await answering((socket) => socket.write(OK));
    const check: ResponseCheck = ({ body }) =>
      body.toString() === "yes" ? undefined : `body is ${body}`;
    const failure = await firstFailure(port, { mix: [{ ...GET, check }] });
    assert.equal(failure.kind, "body");
    assert.equal(failure.detail, "body is ok");
    assert.equal(failure.report.connects, 1);
  });

  test("each failure, but keeps a bounded list", async () => {
    const port = await answering((socket) => socket.end());
    const client = startClient(port, { pauseMs: { min: 0, max: 0 } });
    await waitUntil(() => client.report.failureCount > 200, {
      what: "200 failures",
    });
    const report = await client.stop();
    assert.equal(report.failures.length, 100);
    assert.equal(report.failureCounts.eof, report.failureCount);
    assert.equal(report.answered, 0);
  });
});

describe("the strict client takes for no failure", () => {
  test("a connection closed while nothing was asked", async () => {
    const port = await answering((socket) => socket.end(OK));
    const client = startClient(port, { pauseMs: { min: 20, max: 20 } });
    await waitUntil(() => client.report.idleCloses >= 3, {
      what: "idle closes",
    });
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    assert.ok(report.connects >= 3);
    assert.equal(report.idleResets, 0);
  });

  test("a body that the EOF ends", async () => {
    const answer = OK.replace("Content-Length", "X");
    const port = await answering((socket) => socket.end(answer));
    const client = startClient(port);
    await waitUntil(() => client.report.answered >= 3, { what: "answers" });
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    assert.equal(report.idleCloses, 0);
  });
});

/** A node:http server with correct responses to all requests of MIX. */
function goodServer(): http.Server & { inFlight: number } {
  const server = http.createServer((request, response) => {
    good.inFlight++;
    response.on("close", () => good.inFlight--);
    let bodyBytes = 0;
    request.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    request.on("end", () => {
      if (request.url === "/close") response.setHeader("connection", "Close");
      if (request.url === "/nothing") response.statusCode = 204;
      if (request.url === "/chunked") response.write("one, ");
      const hasNoBody = request.url === "/nothing";
      response.end(hasNoBody ? undefined : String(bodyBytes));
    });
  });
  const good = Object.assign(server, { inFlight: 0 });
  return good;
}

const bodyIs = (text: string): ResponseCheck => {
  return ({ body }) =>
    body.toString() === text ? undefined : `${body} instead of ${text}`;
};

const MIX: RequestSpec[] = [
  { ...GET, weight: 3, check: bodyIs("0") },
  { method: "HEAD", path: "/", check: bodyIs("") },
  { method: "GET", path: "/close", check: bodyIs("0") },
  { method: "GET", path: "/nothing", expectStatus: 204, check: bodyIs("") },
  { method: "GET", path: "/chunked", check: bodyIs("one, 0") },
  { method: "POST", path: "/", body: MIB, check: bodyIs(String(MIB)) },
];

describe("the strict client against a server that does well", () => {
  const server = goodServer();
  after(() => server.close());

  for (const keepAlive of [true, false]) {
    test(`finds no failure with keep-alive ${keepAlive}`, async () => {
      const options = { connections: 8, keepAlive, mix: MIX };
      const client = startClient(await listening(server), options);
      await waitUntil(() => client.report.answered >= 300, {
        what: "300 answers",
        timeoutMs: 20_000,
      });
      const report = await client.stop();
      assert.deepEqual(report.failures, []);
      assert.equal(report.failureCount, 0);
      assert.deepEqual(Object.keys(report.byStatus), ["200", "204"]);
      // Each of the 8 loops may have connected without sending a request.
      const unused = report.connects - report.answered;
      assert.ok(keepAlive ? unused < 0 : 0 <= unused && unused <= 8);
      const { min, p50, p99, max } = report.latenciesMs;
      assert.ok(0 < min && min <= p50 && p50 <= p99 && p99 <= max);
    });
  }

  test("has nothing in flight once it pauses, and resumes", async () => {
    const options = { connections: 8, mix: MIX };
    const client = startClient(await listening(server), options);
    const answersAfter = async (count: number) => {
      const what = `${count} answers`;
      await waitUntil(() => client.report.answered >= count, { what });
    };
    await answersAfter(50);
    await client.pause();
    const { answered } = client.report;
    await waitUntil(() => server.inFlight === 0, { what: "an idle server" });
    assert.equal(client.report.answered, answered);
    client.resume();
    await answersAfter(answered + 50);
    await client.pause();
    const report = await client.stop();
    assert.equal(report.failureCount, 0);
  });

  test("leaves neither sockets nor timers when it stops", async () => {
    const port = await answering((socket) => socket.write(OK));
    const before = process.getActiveResourcesInfo();
    const pauseMs = { min: 60_000, max: 60_000 };
    const client = startClient(port, { connections: 8, pauseMs });
    await waitUntil(() => client.report.connects === 8, { what: "connects" });
    assert.ok(countOf("Timeout") >= 8);
    await client.stop();
    const timersBefore = before.filter((name) => name === "Timeout").length;
    assert.ok(countOf("Timeout") <= timersBefore);
    await waitUntil(() => countOf("TCPSocketWrap") === 0, {
      what: "the server's side to be closed",
    });
  });

  test("repeats its order of requests with the same seed", async () => {
    const orders = await Promise.all([7, 7, 8].map(orderOfRequests));
    assert.equal(orders[0], orders[1]);
    assert.notEqual(orders[0], orders[2]);
  });
});

function countOf(resource: string): number {
  const active = process.getActiveResourcesInfo();
  return active.filter((name) => name === resource).length;
}

async function orderOfRequests(seed: number): Promise<string> {
  const paths: string[] = [];
  const server = http.createServer((request, response) => {
    paths.push(request.url ?? "");
    response.end();
  });
  const mix = ["/a", "/b", "/c"].map((path) => ({ method: "GET", path }));
  const client = startClient(await listening(server), { seed, mix });
  await waitUntil(() => paths.length >= 20, { what: "20 requests" });
  await client.stop();
  return paths.slice(0, 20).join(" ");
}
