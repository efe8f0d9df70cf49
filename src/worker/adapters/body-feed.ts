/** Runs per chunk: pushes the body of a request into Node's stream of it. */
import type { IncomingMessage } from "node:http";
import {
  readByNode,
  setRead,
} from "../../shared/node-internals/request-internals.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { LateReader } from "../http/body/body-source.ts";
import { EMPTY_BODY, type RequestBody } from "../http/body/request-body.ts";
import { RequestAborted } from "../http/http-error.ts";
import { clientAborted, completeRequest } from "./node-request.ts";

const FEED = Symbol("feed");
type FedMessage = IncomingMessage & { [FEED]: BodyFeed };

export interface BodyFeedOwner {
  /** The stream asks for a chunk. */
  onWanted(): void;
  /** The response was sent, and the stream gets no further chunks. */
  onBodyOver(): void;
}

/**
 *   state     | the response | the body
 *   open      | is awaited   | may be read
 *   received  | is awaited   | was received to its end, but not read
 *   cut       | is awaited   | was not read, and ended early
 *   answered  | has been sent | may be read on by a late reader
 *   over      | has been sent | was not read
 */
type State = "open" | "received" | "cut" | "answered" | "over";

const TRANSITIONS: TransitionTable<State> = {
  open: ["received", "cut", "answered"],
  received: ["over"],
  cut: ["over"],
  answered: ["over"],
  over: [],
};

export class BodyFeed implements LateReader {
  readonly #body: RequestBody;
  readonly #incoming: IncomingMessage;
  readonly #owner: BodyFeedOwner;
  #state: State = "open";
  #chunks: AsyncIterator<Buffer, undefined> | undefined = undefined;
  #pendingRead: Promise<void> | undefined = undefined;

  constructor(
    body: RequestBody,
    incoming: IncomingMessage,
    owner: BodyFeedOwner,
  ) {
    this.#body = body;
    this.#incoming = incoming;
    this.#owner = owner;
    if (body === EMPTY_BODY) return;
    body.readLate(this);
    (incoming as FedMessage)[FEED] = this;
    setRead(incoming, read);
  }

  /** Whether the app reads the stream after the response. */
  get wantsRest(): boolean {
    const incoming = this.#incoming;
    if (incoming.complete || incoming.destroyed) return false;
    if (incoming.readableFlowing) return true;
    return (
      incoming.listenerCount("data") > 0 ||
      incoming.listenerCount("readable") > 0
    );
  }

  /** The stream has room for more. */
  readOn(): void {
    if (this.#pendingRead || this.#incoming.complete) return;
    this.#owner.onWanted();
    this.#chunks ??= this.#body[Symbol.asyncIterator]();
    // Errors of stream listeners are not caught, as under Node's server.
    this.#pendingRead = this.#chunks.next().then(
      ({ done, value }) => {
        this.#pendingRead = undefined;
        if (done) this.end();
        else this.#incoming.push(value);
      },
      (error) => this.#fail(error),
    );
  }

  /** Ends the stream. */
  end(): void {
    const { complete, destroyed } = this.#incoming;
    if (complete || destroyed) return;
    completeRequest(this.#incoming, this.#body.trailers);
    if (this.#isAnswered) this.#owner.onBodyOver();
  }

  /**
   * The response has been sent: drops a body that the app has not begun to
   * read, as Node's server does. Listeners for its end are then called.
   */
  onAnswered(): void {
    switch (this.#state) {
      case "received":
      case "cut":
        this.#endUnread();
        break;
      case "open":
        this.#move("answered");
        if (!this.#body.isPassedOver) this.#releaseBody();
        break;
      case "answered":
      case "over":
        break;
      default:
        this.#state satisfies never;
    }
  }

  onPassedOver(isWhole: boolean): void {
    if (this.#state === "open") this.#move(isWhole ? "received" : "cut");
    else if (this.#state === "answered") this.#endUnread(isWhole);
  }

  get #isAnswered(): boolean {
    return this.#state === "answered" || this.#state === "over";
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  #releaseBody(): void {
    const incoming = this.#incoming;
    if (isAwaited(incoming) && !incoming.readableDidRead) dump(incoming);
    if (!this.wantsRest) this.#owner.onBodyOver();
  }

  #endUnread(isWhole = this.#state === "received"): void {
    this.#move("over");
    const incoming = this.#incoming;
    if (!isWhole) {
      incoming.destroy(clientAborted());
      this.#owner.onBodyOver();
      return;
    }
    this.end();
    if (isAwaited(incoming)) dump(incoming);
  }

  #fail(error: Error): void {
    const isOfClient = error instanceof RequestAborted;
    this.#incoming.destroy(isOfClient ? clientAborted() : error);
    if (this.#isAnswered) this.#owner.onBodyOver();
  }
}

/** Node resumes the socket, which may serve another request by then. */
function read(this: IncomingMessage, size: number): void {
  readByNode(this, size);
  (this as FedMessage)[FEED].readOn();
}

/** Whether the app listens for the end of the stream. */
function isAwaited(incoming: IncomingMessage): boolean {
  return (
    incoming.listenerCount("end") > 0 || incoming.listenerCount("close") > 0
  );
}

function dump(incoming: IncomingMessage): void {
  if (incoming.readableFlowing === null) incoming.resume();
}
