/** Runs per chunk: gives the body of a request to Node's stream of it. */
import { IncomingMessage } from "node:http";
import {
  EMPTY_BODY,
  type LateReader,
  type RequestBody,
} from "../http/body/request-body.ts";
import { RequestAborted } from "../http/http-error.ts";
import { clientAborted, completeRequest } from "./node-request.ts";

const FEED = Symbol("feed");
type FedMessage = IncomingMessage & { [FEED]: BodyFeed };

export interface BodyFeedOwner {
  /** The stream wants bytes of the body. */
  onWanted(): void;
  /** After the answer: nothing more is read for the stream. */
  onBodyOver(): void;
}

export class BodyFeed implements LateReader {
  readonly #body: RequestBody;
  readonly #incoming: IncomingMessage;
  readonly #owner: BodyFeedOwner;
  #chunks: AsyncIterator<Buffer, undefined> | undefined = undefined;
  #isReading = false;
  #isAnswered = false;
  /** Whether all of what was passed over came; undefined before its end. */
  #wasWhole: boolean | undefined = undefined;

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
    // Set on the object itself, because Express replaces the prototype.
    (incoming as FedMessage)[FEED] = this;
    incoming._read = read;
  }

  /** Whether the app reads the stream, so that its rest is not dropped. */
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
    if (this.#isReading || this.#incoming.complete) return;
    this.#isReading = true;
    this.#owner.onWanted();
    this.#chunks ??= this.#body[Symbol.asyncIterator]();
    // What listeners throw is not caught, as under Node's server.
    this.#chunks.next().then(
      ({ done, value }) => {
        this.#isReading = false;
        if (done) this.end();
        else this.#incoming.push(value);
      },
      (error) => this.#fail(error),
    );
  }

  /** There is no more of it. */
  end(): void {
    const { complete, destroyed } = this.#incoming;
    if (complete || destroyed) return;
    completeRequest(this.#incoming, this.#body.trailers);
    if (this.#isAnswered) this.#owner.onBodyOver();
  }

  /**
   * Drops a body that the app has not begun to read, as Node's server does.
   * Listeners for its end are then called.
   */
  onAnswered(): void {
    this.#isAnswered = true;
    if (this.#wasWhole !== undefined) this.#endUnread(this.#wasWhole);
    else if (!this.#body.isPassedOver) {
      const incoming = this.#incoming;
      if (isAwaited(incoming) && !incoming.readableDidRead) dump(incoming);
      if (!this.wantsRest) this.#owner.onBodyOver();
    }
  }

  onPassedOver(isWhole: boolean): void {
    this.#wasWhole = isWhole;
    if (this.#isAnswered) this.#endUnread(isWhole);
  }

  #endUnread(isWhole: boolean): void {
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

/** Node's own asks the socket, which may be busy with another request. */
function read(this: IncomingMessage, size: number): void {
  IncomingMessage.prototype._read.call(this, size);
  (this as FedMessage)[FEED].readOn();
}

/** Whether its end is of interest. */
function isAwaited(incoming: IncomingMessage): boolean {
  return (
    incoming.listenerCount("end") > 0 || incoming.listenerCount("close") > 0
  );
}

function dump(incoming: IncomingMessage): void {
  if (incoming.readableFlowing === null) incoming.resume();
}
