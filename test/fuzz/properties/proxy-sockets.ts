import assert from "node:assert/strict";
import { once } from "node:events";
import fc from "fast-check";
import { addressList } from "../../../src/shared/addresses/address-list.ts";
import { monotonicClock } from "../../../src/shared/clock.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";
import { Origins } from "../../../src/worker/http/forwarded/origins.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import {
  CONNECTION_LIMITS,
  settled,
  TestObserver,
} from "../../support/open-connection.ts";
import { openListener } from "../../support/open-listener.ts";
import { readReferenceProxyHeader } from "../../support/reference-proxy-header.ts";
import { readReference } from "../../support/reference-reader.ts";
import { connect } from "../../support/server-address.ts";
import { expectedRequests } from "../expected-requests.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyHeader, MAX_HEADER_BYTES } from "../inputs/proxied-wire.ts";
import { cutAt, cuts } from "../inputs/wire.ts";

const PEER = "127.0.0.1";
const CLAIMED = "203.0.113.66";
const REQUEST =
  "GET /x HTTP/1.1\r\nHost: h\r\n" +
  `X-Forwarded-For: ${CLAIMED}\r\nX-Forwarded-Proto: https\r\n\r\n`;

interface Outcome {
  /** Client of each request, as "https 192.0.2.1". */
  readonly clients: readonly string[];
  readonly receivedBytes: number;
  readonly failures: readonly string[];
}

let opened: ReturnType<typeof openServer> | undefined;

export const proxySockets = fuzzProperty({
  name: "proxy-sockets",
  sentence: "only behind a good PROXY header a handler runs, for its client",
  inputs: fc.record({ header: anyHeader, cuts }),
  inputsPerTurn: 40,
  check: async ({ header, cuts }) => {
    opened ??= openServer();
    const wire = header + REQUEST.repeat(2);
    const outcome = await (await opened).play(cutAt(wire, cuts));
    assertAsRead(outcome, wire);
  },
  close: async () => {
    const server = await opened;
    opened = undefined;
    await server?.close();
  },
});

function assertAsRead(outcome: Outcome, wire: string): void {
  const reading = readReferenceProxyHeader(wire, MAX_HEADER_BYTES);
  if (reading.type !== "header") {
    const isBad = reading.type === "bad";
    const failures = [isBad ? reading.fault : "client_left"];
    assert.deepEqual(outcome, { clients: [], receivedBytes: 0, failures });
    return;
  }
  const rest = readReference(wire.slice(reading.bytes), CONNECTION_LIMITS);
  const client = clientOf(reading);
  const clients = expectedRequests(rest).map(() => client);
  assert.deepEqual(outcome.failures, []);
  assert.deepEqual(outcome.clients, clients);
}

/** Forwarding fields count only from a trusted client with an address. */
function clientOf(reading: {
  readonly source: string;
  readonly isClientEncrypted: boolean;
}): string {
  const { source, isClientEncrypted } = reading;
  if (source === PEER) return `https ${CLAIMED}`;
  const protocol = isClientEncrypted ? "https" : "http";
  if (source === "unix") return `${protocol} undefined`;
  return `${protocol} ${source === "peer" ? PEER : source}`;
}

/** Opens a real listener, for one client at a time. */
async function openServer() {
  let clients: string[] = [];
  let failures: string[] = [];
  const parsers = new ParserPool(CONNECTION_LIMITS);
  const origins = new Origins({
    trustProxy: [PEER],
    forwardedFields: ["X-Forwarded-For", "X-Forwarded-Proto"],
  });
  const { address, close } = await openListener(
    (transport) => {
      return new Http1Connection(transport, {
        limits: CONNECTION_LIMITS,
        parsers,
        clock: monotonicClock,
        origins,
        handler: ({ protocol, remoteAddress }) => {
          clients.push(`${protocol} ${remoteAddress}`);
          return text("x");
        },
        observer: new TestObserver(),
        readiness: NOT_STARTED,
        serverField: "",
      });
    },
    {
      proxyHeaders: {
        trusted: addressList("trustProxy", [PEER]),
        maxHeaderBytes: MAX_HEADER_BYTES,
        headerTimeoutMs: 5_000,
        onHeaderFailed: (reason) => failures.push(reason),
      },
    },
  );
  const play = async (pieces: readonly string[]): Promise<Outcome> => {
    clients = [];
    failures = [];
    const socket = connect(address);
    let receivedBytes = 0;
    socket.on("data", ({ length }) => {
      receivedBytes += length;
    });
    // The connection may be closed while the client sends.
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await once(socket, "connect");
    for (const piece of pieces) {
      socket.write(piece, "latin1");
      await settled();
    }
    socket.end();
    await closed;
    return { clients, receivedBytes, failures };
  };
  return { play, close };
}
