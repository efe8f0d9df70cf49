/**
 * One request and its answer, as a listener for `node:http` sees them.
 *
 *   state     | the answer                          | and then
 *   open      | nothing is known to the server      | streaming, whole, cut
 *   streaming | its head is, pieces come            | over, cut
 *   whole     | is the server's                     | over, cut
 *   over      | has been sent                       |
 *   cut       | nobody waits for it any more        |
 *
 * Runs per request: what is whole when the listener returns costs no promise.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { processLogger } from "../../shared/logger.ts";
import { isInstance, loggable, messageOf } from "../../shared/thrown-value.ts";
import {
  CHUNKED_CONTENT,
  UNKNOWN_LENGTH_CONTENT,
} from "../http/body/head-response-content.ts";
import { EMPTY_BODY } from "../http/body/request-body.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { ResponseTrailers } from "../http/fields/response-trailers.ts";
import type { Answer } from "../http/handler.ts";
import { RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse, type ResponseBody } from "../http/http-response.ts";
import { reasonPhrase } from "../http/http-status.ts";
import { BodyFeed, type BodyFeedOwner } from "./body-feed.ts";
import { type Chunk, ChunkQueue, type ChunkQueueOwner } from "./chunk-queue.ts";
import { clientAborted, NodeRequest } from "./node-request.ts";
import {
  addedTrailers,
  type Callback,
  endedLength,
  hasTrailers,
  type NodeResponseOwner,
  nodeResponse,
} from "./node-response.ts";
import { NodeSocket, type NodeSocketOwner } from "./node-socket.ts";
import type { InterimHead } from "./parse-interim-head.ts";

type State = "open" | "streaming" | "whole" | "over" | "cut";

interface Head {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: HttpHeaders;
}

/** What Node's own server does to a response, and its types leave out. */
interface Closable {
  _closed: boolean;
  destroyed: boolean;
}

export class NodeExchange
  implements
    NodeResponseOwner,
    NodeSocketOwner,
    ChunkQueueOwner,
    BodyFeedOwner,
    ResponseTrailers
{
  readonly socket: NodeSocket;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly #request: HttpRequest;
  readonly #feed: BodyFeed;
  #state: State = "open";
  #head: Head | undefined = undefined;
  #content: Chunk | null = null;
  #queue: ChunkQueue | undefined = undefined;
  #isEnding = false;
  /** Whether the app has ended its side of the connection before its answer. */
  #isCutting = false;
  /** Whether an answer without content was written as one in pieces. */
  #isInPieces = false;
  #awaitsDrain = false;
  #onWritten: Callback[] | undefined = undefined;
  #onFinished: Callback | undefined = undefined;
  #response: HttpResponse | undefined = undefined;
  #resolve: ((response: HttpResponse) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(request: HttpRequest) {
    this.#request = request;
    this.socket = NodeSocket.of(request);
    this.socket.begin(this);
    this.incoming = new NodeRequest(request, this.socket);
    this.#feed = new BodyFeed(request.body, this.incoming, this);
    this.outgoing = nodeResponse(this.incoming, this);
  }

  /**
   * What the server sends; the listener has been called.
   *
   * @throws what it failed with before it had answered
   */
  answer(): Answer {
    if (this.#failure) throw this.#failure.error;
    if (this.#request.body === EMPTY_BODY) this.#feed.end();
    if (this.#state !== "whole") this.#watchClient();
    if (this.#response) return this.#response;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #watchClient(): void {
    const request = this.#request;
    request.whenAborted((reason) => this.#cut(reason));
    // As Node's server takes it: who ends its side has left.
    request.whenClientEnded(() => this.#drop("the client left"));
  }

  /** The listener has failed: what it began does not become whole. */
  fail(error: unknown): void {
    switch (this.#state) {
      case "open":
        this.#state = "cut";
        this.#failure = { error };
        this.#reject?.(error);
        process.nextTick(close, this);
        break;
      case "streaming":
        this.#queue?.fail(asError(error));
        break;
      case "whole":
      case "over":
      case "cut":
        processLogger().error({ err: loggable(error) }, LATE_FAILURE);
        break;
      default:
        this.#state satisfies never;
    }
  }

  onWanted(): void {
    this.socket.touch();
  }

  onBodyOver(): void {
    this.socket.release(this);
    leaveSocket(this.incoming);
  }

  // --- the response, as the app writes it

  onInterim({ status, headers }: InterimHead): void {
    if (this.#state === "open") this.#request.sendInterim(status, headers);
  }

  onHead(status: number, phrase: string, headers: HttpHeaders): void {
    const reason = phrase === reasonPhrase(status) ? undefined : phrase;
    this.#head = { status, reason, headers };
  }

  onChunk(piece: Chunk, callback: Callback | undefined): void {
    this.socket.touch();
    if (callback) this.#keep(callback);
    if (piece.length === 0 || this.#isCutting) return;
    if (this.#queue) this.#queue.push(piece);
    else this.#content = piece;
  }

  #keep(callback: Callback): void {
    if (this.#isEnding) this.#onFinished = callback;
    else if (this.#onWritten) this.#onWritten.push(callback);
    else this.#onWritten = [callback];
  }

  onWritten(): boolean {
    if (this.#state === "open") {
      if (hasBody(this.outgoing)) this.#beginStream();
      else this.#isInPieces = true;
    }
    const hasRoom = this.#hasRoom;
    if (!hasRoom) {
      this.#awaitsDrain = true;
      showDrainNeeded(this.outgoing, this);
    }
    return hasRoom;
  }

  /** As of a socket: what is on its way there counts. */
  get #hasRoom(): boolean {
    return this.socket.unsentBytes < this.outgoing.writableHighWaterMark;
  }

  get queuedBytes(): number {
    return this.#queue?.queuedBytes ?? 0;
  }

  get awaitsDrain(): boolean {
    return this.#awaitsDrain;
  }

  onEnding(): void {
    this.#isEnding = true;
  }

  onEnded(): void {
    if (this.#queue) this.#queue.end();
    else if (this.#state === "open") this.#giveWhole();
  }

  #beginStream(): void {
    this.#state = "streaming";
    this.#queue = new ChunkQueue(this);
    if (this.#content !== null) this.#queue.push(this.#content);
    this.#give(this.#queue);
  }

  #giveWhole(): void {
    this.#state = "whole";
    const isHead = this.#request.method === "HEAD";
    this.#give(isHead ? this.#contentOfHead() : this.#content);
    process.nextTick(finish, this);
  }

  /** None; but what is not said of its length is not known to be 0. */
  #contentOfHead(): ResponseBody {
    const { headers } = this.#head as Head;
    if (headers.has("Content-Length")) return null;
    const { outgoing } = this;
    if (this.#isInPieces || hasTrailers(outgoing)) return CHUNKED_CONTENT;
    const length = endedLength(outgoing);
    if (length === 0) return UNKNOWN_LENGTH_CONTENT;
    headers.set("Content-Length", String(length));
    return null;
  }

  #give(body: ResponseBody): void {
    const { status, reason, headers } = this.#head as Head;
    const named = reason === undefined ? {} : { reason };
    this.#response = new HttpResponse(body, { status, headers, ...named });
    // A body in pieces may still get trailers.
    const mayHaveTrailers = this.#queue || hasTrailers(this.outgoing);
    if (mayHaveTrailers) this.#response.setTrailers(this);
    this.#resolve?.(this.#response);
  }

  // --- the response, as it is sent

  fields(): HttpHeaders {
    return addedTrailers(this.outgoing);
  }

  onRoom(): void {
    this.socket.touch();
    this.#callBack();
    if (this.#isCutting && this.queuedBytes === 0) this.#dropWhenSent();
    // There is something in the queue then, and it comes here again.
    if (!this.#awaitsDrain || !this.#hasRoom) return;
    this.#awaitsDrain = false;
    process.nextTick(drain, this.outgoing);
  }

  onSent(): void {
    process.nextTick(finish, this);
  }

  onCancelled(): void {
    this.#cut(new RequestAborted("the client left"));
  }

  /** The server has got all of the answer. */
  finish(): void {
    const { connection } = this.#request;
    if (!connection?.unsentBytes) this.#finish();
    else connection.whenSent((error) => this.#finish(error));
  }

  /** The system has, unless there is an error. */
  #finish(error?: Error | null): void {
    if (this.#state === "over" || this.#state === "cut") return;
    if (error) {
      this.#state = "cut";
      this.close();
      return;
    }
    this.#state = "over";
    this.#callBack();
    this.#detach(); // before "finish", as there
    this.#onFinished?.();
    // Whoever waits for it is told after all that "finish" led to.
    if (this.outgoing.listenerCount("close") > 0) process.nextTick(close, this);
    else this.close();
  }

  /** As Node's server does when a response is finished. */
  close(): void {
    const { outgoing } = this;
    this.#detach();
    const closable = outgoing as unknown as Closable;
    if (!closable._closed) {
      closable.destroyed = true;
      closable._closed = true;
      outgoing.emit("close");
    }
    this.#feed.onAnswered();
  }

  onNext(): void {
    this.#detach();
    leaveSocket(this.incoming);
  }

  #detach(): void {
    const { outgoing } = this;
    if (outgoing.socket) outgoing.detachSocket(outgoing.socket);
  }

  // --- the end of it, before the answer has been sent

  /** After the app destroys the connection, an ended response is still sent. */
  onDestroyed(): void {
    switch (this.#state) {
      case "open":
      case "streaming":
        if (this.outgoing.writableEnded) this.#request.connection?.closeSoon();
        else this.#drop("its connection was destroyed");
        break;
      case "whole":
        this.#request.connection?.closeSoon();
        break;
      case "over":
        this.#request.connection?.closeSoon();
        if (!this.incoming.complete) this.#dropBody();
        break;
      case "cut":
        break;
      default:
        this.#state satisfies never;
    }
  }

  /** The app ends its side: what it has written comes before. */
  onSocketEnded(): void {
    if (this.#state === "streaming" && !this.outgoing.writableEnded) {
      this.#isCutting = true;
      if (this.queuedBytes === 0) this.#dropWhenSent();
    } else if (this.#state === "over") {
      this.#request.connection?.closeSoon();
    } else this.onDestroyed();
  }

  /** The answer is there, and the body is read no further. */
  #dropBody(): void {
    this.incoming.destroy(clientAborted());
    this.#request.body.discard();
  }

  #dropWhenSent(): void {
    const drop = () => this.#drop("its connection was ended");
    const { connection } = this.#request;
    if (connection) connection.whenSent(drop);
    else drop();
  }

  onTimeout(): void {
    const { incoming, outgoing, socket } = this;
    const isTold = !incoming.complete && incoming.emit("timeout", socket);
    const isHandled = outgoing.emit("timeout", socket) || isTold;
    if (!socket.emit("timeout") && !isHandled) socket.destroy();
  }

  /** There will be no answer. */
  #drop(why: string): void {
    if (this.#state === "over" || this.#state === "cut") return;
    this.#cut(new RequestAborted(why));
    this.#request.drop();
  }

  /** Nobody waits for the answer any more. */
  #cut(reason: Error): void {
    if (this.#state === "over" || this.#state === "cut") return;
    if (this.#state === "open") this.#failure = { error: reason };
    this.#state = "cut";
    this.#queue?.fail(reason);
    this.#reject?.(reason);
    this.socket.destroy();
    this.incoming.destroy(clientAborted());
    this.#callBack(clientAborted());
  }

  #callBack(error?: Error): void {
    const callbacks = this.#onWritten;
    if (!callbacks) return;
    this.#onWritten = undefined;
    for (const callback of callbacks) process.nextTick(callback, error);
  }
}

const LATE_FAILURE = "a listener failed after it had answered";

function finish(exchange: NodeExchange): void {
  exchange.finish();
}

function close(exchange: NodeExchange): void {
  exchange.close();
}

function drain(outgoing: ServerResponse): void {
  if (!outgoing.writableEnded) outgoing.emit("drain");
}

/** Its connection goes on without it, also where it is destroyed. */
function leaveSocket(incoming: IncomingMessage): void {
  incoming._destroy = destroyAlone;
}

function destroyAlone(
  this: IncomingMessage,
  error: Error | null,
  callback: (error?: Error | null) => void,
): void {
  const isHeard = this.listenerCount("error") > 0;
  process.nextTick(callback, isHeard ? error : null);
}

/**
 * Node's own getter reads what only Node can write. Of the object, and from
 * when it is first true: most responses never are that long.
 */
function showDrainNeeded(
  outgoing: ServerResponse,
  exchange: NodeExchange,
): void {
  if (Object.hasOwn(outgoing, "writableNeedDrain")) return;
  Object.defineProperty(outgoing, "writableNeedDrain", {
    configurable: true,
    get(this: ServerResponse) {
      return !this.destroyed && !this.writableEnded && exchange.awaitsDrain;
    },
  });
}

function hasBody(outgoing: ServerResponse): boolean {
  return (outgoing as unknown as { _hasBody: boolean })._hasBody;
}

function asError(error: unknown): Error {
  return isInstance(error, Error) ? error : new Error(messageOf(error));
}
