import assert from "node:assert/strict";
import { once } from "node:events";
import { Readable } from "node:stream";
import fc from "fast-check";
import { SignJWT } from "jose";
import { monotonicClock } from "../../../src/shared/clock.ts";
import {
  createLogger,
  setProcessLogger,
} from "../../../src/shared/logging/logger.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";
import { fetchHandler } from "../../../src/worker/adapters/fetch-handler.ts";
import { nodeHandler } from "../../../src/worker/adapters/node-handler.ts";
import { App } from "../../../src/worker/app/app.ts";
import { serverSentEvents } from "../../../src/worker/http/events/server-sent-events.ts";
import { Origins } from "../../../src/worker/http/forwarded/origins.ts";
import type { Middleware } from "../../../src/worker/http/handler.ts";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok, stream } from "../../../src/worker/http/response-helpers.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import { Meter } from "../../../src/worker/meter.ts";
import { basicAuth } from "../../../src/worker/middleware/authentication/basic-auth.ts";
import { bearerAuth } from "../../../src/worker/middleware/authentication/bearer-auth.ts";
import { jwt } from "../../../src/worker/middleware/authentication/jwt.ts";
import { compression } from "../../../src/worker/middleware/compression/compression.ts";
import { logging } from "../../../src/worker/middleware/logging/logging.ts";
import { rateLimit } from "../../../src/worker/middleware/rate-limit/rate-limit.ts";
import { requestId } from "../../../src/worker/middleware/request-id.ts";
import { CONNECTION_LIMITS } from "../../support/open-connection.ts";
import { openListener } from "../../support/open-listener.ts";
import { connect } from "../../support/server-address.ts";
import { thrownKinds, thrownOf } from "../../support/thrown-of.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { fuzzProperty } from "../fuzz-property.ts";

type Throw = () => never;
type Make = (fail: Throw) => App;

const SECRET = "a secret of thirty-two octets, and more";
const TOKEN = new SignJWT({ sub: "ann" })
  .setProtectedHeader({ alg: "HS256" })
  .setExpirationTime("1h")
  .sign(Buffer.from(SECRET));

/** Apps that throw before there is a response; the client gets a 500. */
const BEFORE: Readonly<Record<string, Make>> = {
  json: (fail) => reading((request) => request.json(fail)),
  jsonLater: (fail) => reading((request) => request.json(async () => fail())),
  jsonSchema: (fail) =>
    reading((request) =>
      request.json({ "~standard": { version: 1, validate: fail } }),
    ),
  jsonSchemaLater: (fail) => {
    const validate = async () => fail();
    return reading((request) =>
      request.json({ "~standard": { version: 1, validate } }),
    );
  },
  basicAuth: (fail) => around(basicAuth({ verify: fail })),
  basicAuthLater: (fail) => around(basicAuth({ verify: async () => fail() })),
  bearerAuth: (fail) => around(bearerAuth({ verify: fail })),
  bearerAuthLater: (fail) => around(bearerAuth({ verify: async () => fail() })),
  jwt: (fail) => around(jwt({ secret: SECRET, verify: fail })),
  jwtLater: (fail) =>
    around(jwt({ secret: SECRET, verify: async () => fail() })),
  rateKey: (fail) => around(rateLimit({ ...LIMIT, key: fail })),
  rateCost: (fail) => around(rateLimit({ ...LIMIT, cost: fail })),
  rateSkip: (fail) => around(rateLimit({ ...LIMIT, skip: fail })),
  requestId: (fail) => around(requestId({ makeId: fail })),
  logSkip: (fail) => around(logging({ skip: fail })),
  compressible: (fail) => {
    const middleware = compression({ isCompressible: fail });
    return new App().use(middleware).post("/", () => ok("x".repeat(9_999)));
  },
  node: (fail) => new App({ fallback: nodeHandler(fail) }),
  nodeEvent: (fail) =>
    new App({
      fallback: nodeHandler(async (request) => {
        await once(request.resume(), "end");
        fail();
      }),
    }),
  fetch: (fail) => new App({ fallback: fetchHandler(async () => fail()) }),
};

/**
 * Apps that throw when the head may have been sent; the client gets a 500 or a
 * cut connection.
 */
const AFTER: Readonly<Record<string, Make>> = {
  generator: (fail) => sending(piecesThen(fail)),
  generatorAtOnce: (fail) => sending(piecesThen(fail, 0)),
  iterator: (fail) => sending({ [Symbol.asyncIterator]: fail }),
  next: (fail) => sending(iterating({ next: fail })),
  nextOnReturn: (fail) => sending(iterating({ next: fail, return: fail })),
  result: (fail) =>
    sending(
      iterating({
        next: async () => Object.defineProperty({}, "done", { get: fail }),
      }),
    ),
  // Node's streams support only Errors: they read the stack of a Proxy.
  readable: (fail) =>
    sending(Readable.from(piecesThen(() => failWithCause(fail)))),
  web: (fail) => sending(webStream(fail)),
  compressed: (fail) => {
    const app = new App().use(compression());
    return app.post("/", () => stream(piecesThen(fail), "text/plain"));
  },
  trailers: (fail) =>
    new App().post("/", () => stream(piecesThen()).withTrailers(["a"], fail)),
  events: (fail) => new App().post("/", (it) => serverSentEvents(it, fail)),
  eventsLater: (fail) =>
    new App().post("/", (it) => serverSentEvents(it, async () => fail())),
  eventsIterator: (fail) =>
    new App().post("/", (it) =>
      serverSentEvents(it, { [Symbol.asyncIterator]: fail }),
    ),
  eventsNext: (fail) =>
    new App().post("/", (it) =>
      serverSentEvents(it, iterating({ next: fail, return: fail })),
    ),
  eventsGenerator: (fail) =>
    new App().post("/", (it) => serverSentEvents(it, piecesThen(fail))),
  eventsBad: (fail) =>
    new App().post("/", (it) =>
      serverSentEvents(it, ({ send }) => {
        send(Object.defineProperty({ data: "" }, "data", { get: fail }));
      }),
    ),
  nodeBegun: (fail) =>
    new App({
      fallback: nodeHandler((_request, response) => {
        response.write("begun");
        fail();
      }),
    }),
  nodeBegunLater: (fail) =>
    new App({
      fallback: nodeHandler(async (_request, response) => {
        response.write("begun");
        await new Promise(setImmediate);
        fail();
      }),
    }),
  fetchBody: (fail) =>
    new App({ fallback: fetchHandler(() => new Response(webStream(fail))) }),
  fetchBodyAtOnce: (fail) =>
    new App({ fallback: fetchHandler(() => new Response(webStream(fail, 0))) }),
  upgrade: (fail) => new App().upgrade("/", fail),
  upgradeLater: (fail) => new App().upgrade("/", async () => fail()),
  nodeUpgrade: (fail) =>
    new App({ fallback: nodeHandler(() => {}, { onUpgrade: fail }) }),
};

const LIMIT = { max: 1_000_000, scope: "worker" } as const;

const lines: string[] = [];
const logger = createLogger({
  role: "app",
  sink: { write: (line) => lines.push(line) },
});

let opened: ReturnType<typeof openServer> | undefined;

export const thrownOverSockets = fuzzProperty({
  name: "thrown-over-sockets",
  sentence: "whatever an app throws at last ends one answer, and is logged",
  inputs: fc.record({
    place: fc.constantFrom(...Object.keys({ ...BEFORE, ...AFTER })),
    kind: fc.constantFrom(...thrownKinds),
    text: fc.string({ unit: "binary", maxLength: 20 }),
  }),
  inputsPerTurn: 40,
  check: async ({ place, kind, text }) => {
    setProcessLogger(logger);
    lines.length = 0;
    const fail = () => {
      throw thrownOf(kind, text);
    };
    opened ??= openServer();
    const app = ({ ...BEFORE, ...AFTER }[place] as Make)(fail);
    const received = await (await opened).play(app, place);
    const errors = lines.map((line) => JSON.parse(line)).filter(isError);
    const told = `${received.slice(0, 500)}\n${lines.join("")}`;
    assert.equal(errors.length, 1, `one line for the error: ${told}`);
    assert.ok(typeof errors[0].err.message === "string", told);
    const { errorId } = errors[0];
    if (errorId !== undefined) {
      assert.match(received, /^HTTP\/1\.1 500 /);
      assert.ok(received.includes(errorId), told);
      return;
    }
    assert.ok(!(place in BEFORE), `no id: ${told}`);
    assert.ok(!received.endsWith("0\r\n\r\n"), `it looks whole: ${told}`);
  },
  close: async () => {
    const server = await opened;
    opened = undefined;
    await server?.close();
  },
});

function isError({ level }: { level: number }): boolean {
  return level >= 50;
}

/** Serves apps one after the other, each with one request. */
async function openServer() {
  let app = new App();
  const parsers = new ParserPool(CONNECTION_LIMITS);
  const observer = new Meter();
  const { address, close } = await openListener((transport) => {
    return new Http1Connection(transport, {
      limits: CONNECTION_LIMITS,
      parsers,
      clock: monotonicClock,
      origins: new Origins(),
      handler: (request) => app.handle(request),
      observer,
      readiness: NOT_STARTED,
      serverField: "",
    });
  });
  const play = async (candidate: App, place: string): Promise<string> => {
    app = candidate;
    const socket = connect(address);
    const received: Buffer[] = [];
    socket.on("data", (bytes) => received.push(bytes));
    // The connection is cut, with or without a reset.
    socket.on("error", () => {});
    const closed = once(socket, "close").catch(() => {});
    socket.write(await requestFor(place));
    await closed;
    const what = "no request to be open";
    await waitUntil(() => observer.activeRequests === 0, { what });
    return Buffer.concat(received).toString("latin1");
  };
  return { play, close };
}

async function requestFor(place: string): Promise<string> {
  if (/upgrade/i.test(place)) {
    return "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  }
  const credentials = place.startsWith("basic")
    ? `Basic ${btoa("ann:secret")}`
    : `Bearer ${await TOKEN}`;
  return `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTE: trailers\r\nAccept-Encoding: gzip\r\nAuthorization: ${credentials}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
}

function around(middleware: Middleware): App {
  return new App().use(middleware).post("/", () => ok(1));
}

function reading(read: (request: HttpRequest) => unknown): App {
  return new App().post("/", async (request) => ok(await read(request)));
}

function sending(body: unknown): App {
  return new App().post("/", () => stream(body as AsyncIterable<string>));
}

async function* piecesThen(fail?: Throw, pieces = 2): AsyncGenerator<string> {
  for (let at = 0; at < pieces; at++) yield `piece ${at}`;
  fail?.();
}

function failWithCause(fail: Throw): never {
  try {
    return fail();
  } catch (cause) {
    throw new Error("it failed", { cause });
  }
}

function iterating(iterator: object): AsyncIterable<string> {
  return {
    [Symbol.asyncIterator]: () => iterator as AsyncIterator<string>,
  };
}

function webStream(fail: Throw, pieces = 2): ReadableStream<Uint8Array> {
  let left = pieces;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (left-- > 0) controller.enqueue(Buffer.from("piece"));
      else fail();
    },
  });
}
