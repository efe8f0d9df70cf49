import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { HttpError } from "../../src/worker/http/http-error.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import {
  HttpResponse,
  type ResponseBody,
} from "../../src/worker/http/http-response.ts";
import { UpgradeResponse } from "../../src/worker/http/upgrade-response.ts";

/** A handler's link to its play. */
export interface Part {
  readonly request: HttpRequest;
  /** Index of the request on its connection. */
  readonly index: number;
  /** Resolves when the play says "go". */
  readonly untilGo: () => Promise<void>;
  /** Called when the handler has read the whole body. */
  readonly onBody: (body: string) => void;
  /** Called with bytes received after an upgrade. */
  readonly onUpgraded: (bytes: Buffer) => void;
}

/** How a handler treats its request and responds. */
export type Manner = keyof typeof MANNERS;

const PIECES = ["a", "bc", "", "def"];
export const PIECES_TEXT = PIECES.join("");

const MANNERS = {
  atOnce: (part: Part) => answer(part, "text"),
  empty: (part: Part) => answer(part, null),
  noContent: (part: Part) => answer(part, null, 204),
  late: async (part: Part) => {
    await part.untilGo();
    return answer(part, "text");
  },
  reads: async (part: Part) => {
    await read(part);
    return answer(part, "text");
  },
  readsLate: async (part: Part) => {
    await part.untilGo();
    await read(part);
    return answer(part, "text");
  },
  readsOne: async (part: Part) => {
    for await (const chunk of part.request.body) {
      return answer(part, chunk);
    }
    return answer(part, "text");
  },
  readsBehind: (part: Part) => {
    read(part).catch(() => {});
    return answer(part, pieces());
  },
  echoes: (part: Part) => answer(part, part.request.body),
  pieces: (part: Part) => answer(part, pieces()),
  slowPieces: (part: Part) => answer(part, pieces(part.untilGo)),
  declared: (part: Part) => declared(part, PIECES_TEXT.length),
  tooFew: (part: Part) => declared(part, PIECES_TEXT.length + 1),
  tooMany: (part: Part) => declared(part, PIECES_TEXT.length - 1),
  wronglyDeclared: (part: Part) => {
    return answer(part, "text").with("Content-Length", "3");
  },
  readable: (part: Part) => answer(part, Readable.from(pieces())),
  webStream: (part: Part) => answer(part, webStream()),
  breaks: (part: Part) => answer(part, breaking()),
  throws: async (part: Part) => {
    await read(part);
    throw new HttpError(422);
  },
  throwsLate: async (part: Part) => {
    await part.untilGo();
    throw new Error("no answer");
  },
  isAborted: (part: Part) => {
    const { signal } = part.request;
    return new Promise<HttpResponse>((resolve) => {
      signal.addEventListener("abort", () => resolve(answer(part, "text")));
    });
  },
  upgrades: (part: Part) => {
    if (part.request.upgrades.length === 0) return answer(part, "text");
    return upgrade(part);
  },
  upgradesUnasked: (part: Part) => upgrade(part),
} satisfies Record<
  string,
  (part: Part) => HttpResponse | Promise<HttpResponse>
>;

export const mannerNames = Object.keys(MANNERS) as Manner[];

export function answerAs(
  manner: Manner,
  part: Part,
): HttpResponse | Promise<HttpResponse> {
  return MANNERS[manner](part);
}

function answer(part: Part, body: ResponseBody, status = 200): HttpResponse {
  const headers = { "X-Index": part.index };
  return new HttpResponse(body, { status, headers });
}

function declared(part: Part, bytes: number): HttpResponse {
  return answer(part, pieces()).with("Content-Length", String(bytes));
}

function upgrade({ onUpgraded }: Part): UpgradeResponse {
  return new UpgradeResponse((socket, head) => {
    socket.on("error", () => {});
    socket.on("data", onUpgraded);
    onUpgraded(head);
    socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  });
}

async function read({ request, onBody }: Part): Promise<void> {
  const bytes = await request.bytes();
  onBody(bytes.toString("latin1"));
}

async function* pieces(untilNext?: () => Promise<void>) {
  for (const [index, piece] of PIECES.entries()) {
    if (index > 0) await untilNext?.();
    yield index % 2 ? Buffer.from(piece) : piece;
  }
}

async function* breaking() {
  yield "a";
  throw new Error("the source broke");
}

function webStream(): ReadableStream<Uint8Array> {
  const rest = PIECES.filter((piece) => piece !== "");
  return new ReadableStream({
    pull: (controller) => {
      const piece = rest.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(Buffer.from(piece));
    },
  });
}
