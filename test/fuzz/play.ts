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

/** What a client does on one connection. */
export interface Play {
  /** What it sends, as Latin-1, in pieces. */
  readonly pieces: readonly string[];
  /** Whether the server is done with a piece before the next one comes. */
  readonly waits: boolean;
  /** What follows: its FIN, or silence. */
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
  /** Undefined where its end did not come. */
  body?: string;
  trailers?: Fields;
}

export interface Outcome {
  readonly requests: readonly SeenRequest[];
  readonly responses: readonly ReceivedResponse[];
  /** What the observer was told. */
  readonly events: readonly string[];
  readonly ending: "fin" | "reset" | undefined;
}

/** Longer than every deadline. */
const LONG_MS = 600_000;

/**
 * Plays a client to a server whose handler reads each body, then answers.
 *
 * @throws where the connection throws, or has not ended at the end of it all
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

/** Reads each body, then answers; notes what it saw. */
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
