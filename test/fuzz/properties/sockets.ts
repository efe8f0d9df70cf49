import { once } from "node:events";
import fc from "fast-check";
import { monotonicClock } from "../../../src/shared/clock.ts";
import { NOT_STARTED } from "../../../src/shared/readiness.ts";
import { Origins } from "../../../src/worker/http/forwarded/origins.ts";
import { statusOfError } from "../../../src/worker/http/http-error.ts";
import { problem } from "../../../src/worker/http/response-helpers.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import {
  CONNECTION_LIMITS,
  settled,
  TestObserver,
} from "../../support/open-connection.ts";
import { openListener } from "../../support/open-listener.ts";
import { readReference } from "../../support/reference-reader.ts";
import { connect } from "../../support/server-address.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyWire, cutAt, cuts } from "../inputs/wire.ts";
import { type Outcome, readingHandler, type SeenRequest } from "../play.ts";
import { responsesIn } from "../responses-in.ts";
import { assertAsRead } from "./reference.ts";

let opened: ReturnType<typeof openServer> | undefined;

export const sockets = fuzzProperty({
  name: "sockets",
  sentence: "requests over sockets are those that the reference reader finds",
  inputs: fc.record({ wire: anyWire, cuts }),
  inputsPerTurn: 20,
  check: async ({ wire, cuts }) => {
    opened ??= openServer();
    const outcome = await (await opened).play(cutAt(wire, cuts));
    const reading = readReference(wire, CONNECTION_LIMITS);
    assertAsRead(outcome, reading, { ending: "fin" });
  },
  close: async () => {
    const server = await opened;
    opened = undefined;
    await server?.close();
  },
});

/** Opens a real listener, for one client at a time. */
async function openServer() {
  let requests: SeenRequest[] = [];
  let observer = new TestObserver();
  const parsers = new ParserPool(CONNECTION_LIMITS);
  const { address, close } = await openListener((transport) => {
    const handler = readingHandler(requests);
    return new Http1Connection(transport, {
      limits: CONNECTION_LIMITS,
      parsers,
      clock: monotonicClock,
      origins: new Origins(),
      handler: (request) => {
        const answer = Promise.resolve(handler(request));
        return answer.catch((error) => problem(statusOfError(error)));
      },
      observer,
      readiness: NOT_STARTED,
      serverField: "",
    });
  });
  const play = async (pieces: readonly string[]): Promise<Outcome> => {
    requests = [];
    observer = new TestObserver();
    const socket = connect(address);
    const received: Buffer[] = [];
    socket.on("data", (bytes) => received.push(bytes));
    const closed = once(socket, "close");
    for (const piece of pieces) {
      socket.write(piece, "latin1");
      await settled();
    }
    socket.end();
    await closed;
    const sent = Buffer.concat(received).toString("latin1");
    const methods = observer.exchanges.map(({ request }) => request.method);
    const { responses } = responsesIn(sent, methods);
    return { requests, responses, events: observer.events, ending: "fin" };
  };
  return { play, close };
}
