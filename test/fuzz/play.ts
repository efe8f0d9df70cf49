import assert from "node:assert/strict";
import type { Handler } from "../../src/worker/http/handler.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import type { ParserPool } from "../../src/worker/http1/request-reader.ts";
import {
  openConnection,
  settled,
  type TestConnection,
} from "../support/open-connection.ts";
import type { ReceivedResponse } from "../support/response-reader.ts";
import { type LimitsName, limitsOf } from "./inputs/wire.ts";
import { responsesIn } from "./responses-in.ts";

/** Actions of a client on one connection. */
export interface Play {
  /** Pieces to send, as Latin-1. */
  readonly pieces: readonly string[];
  /** Whether the server finishes a piece before the next one arrives. */
  readonly waits: boolean;
  /** The client's end: FIN, or silence. */
  readonly ending: "fin" | "silence";
  readonly limits: LimitsName;
}

type Fields = readonly (readonly [name: string, value: string])[];

/** A request as its handler saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: Fields;
  readonly upgrades: readonly string[];
  /** Undefined if its end did not arrive. */
  body?: string;
  trailers?: Fields;
}

export interface Outcome {
  readonly requests: readonly SeenRequest[];
  readonly responses: readonly ReceivedResponse[];
  /** Events of the observer. */
  readonly events: readonly string[];
  readonly ending: "fin" | "reset" | undefined;
}

/** Longer than every deadline. */
const LONG_MS = 600_000;

/**
 * Plays a client against a server whose handler reads each body, then responds.
 *
 * @throws if the connection throws or is still open at the end
 */
export async function play(
  given: Play,
  parsers?: ParserPool,
): Promise<Outcome> {
  const player = new Player(given.limits, parsers);
  for (const piece of given.pieces) {
    player.receive(piece);
    if (given.waits) await settled();
  }
  return player.end(given.ending);
}

export class Player {
  readonly #requests: SeenRequest[] = [];
  readonly #made: TestConnection;

  constructor(limits: LimitsName, parsers?: ParserPool) {
    const handler = readingHandler(this.#requests);
    this.#made = openConnection(handler, limitsOf(limits), { parsers });
  }

  receive(piece: string): void {
    this.#made.client.receive(piece);
  }

  async end(ending: Play["ending"]): Promise<Outcome> {
    const { client, observer } = this.#made;
    await settled();
    if (ending === "fin") client.receiveEnd();
    await settled();
    client.advance(LONG_MS);
    await settled();
    assert.ok(client.ending, "the connection has not ended");
    const methods = observer.exchanges.map(({ request }) => request.method);
    const { responses, isPartial } = responsesIn(client.sent, methods);
    assert.ok(!isPartial, `not whole: ${JSON.stringify(client.sent)}`);
    client.leave();
    await settled();
    assert.equal(observer.openRequests, 0, "requests without an end");
    return {
      requests: this.#requests,
      responses,
      events: observer.events,
      ending: client.ending,
    };
  }
}

/** Reads each body, then responds; records the requests. */
export function readingHandler(requests: SeenRequest[]): Handler {
  return async (request) => {
    const index = requests.length;
    const own = seen(request);
    requests.push(own);
    const bytes = await request.bytes();
    own.body = bytes.toString("latin1");
    own.trailers = [...(request.body.trailers ?? [])];
    return new HttpResponse(`${request.target} ${bytes.length}`, {
      headers: { "X-Index": index },
    });
  };
}

export function seen(request: HttpRequest): SeenRequest {
  const { method, target, httpVersion, headers, upgrades } = request;
  const fields = [...headers];
  return { method, target, version: httpVersion, fields, upgrades };
}
