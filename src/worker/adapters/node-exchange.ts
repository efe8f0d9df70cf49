/**
 * One request and its response, as a listener for `node:http` sees them. Runs
 * per request: a response that is complete when the listener returns costs no
 * promise.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { processLogger } from "../../shared/logging/logger.ts";
import { joinDuplicatesAs } from "../../shared/node-internals/request-internals.ts";
import {
  detachFromSocket,
  mayHaveContent,
} from "../../shared/node-internals/response-internals.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import { isInstance, loggable, messageOf } from "../../shared/thrown-value.ts";
import { EMPTY_BODY } from "../http/body/request-body.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { Answer } from "../http/handler.ts";
import { HttpError, RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { BodyFeed, type BodyFeedOwner } from "./body-feed.ts";
import type { Chunk, ChunkQueueOwner } from "./chunk-queue.ts";
import { publishFinish } from "./diagnostic-channels.ts";
import { expressRoute } from "./express-route.ts";
import { clientAborted, destroyAlone, NodeRequest } from "./node-request.ts";
import {
  closeResponse,
  type NodeResponseOwner,
  nodeResponse,
  showDrainNeeded,
} from "./node-response.ts";
import { NodeSocket, type NodeSocketOwner } from "./node-socket.ts";
import type { InterimHead } from "./parse-interim-head.ts";
import { type WriteCallback, WriteCallbacks } from "./write-callbacks.ts";
import { WrittenResponse } from "./written-response.ts";

/**
 *   state     | the response                        | event that ends it
 *   open      | is unknown to the server            | write(), end(), abort
 *   streaming | has a head, and chunks follow       | sent, socket ended, abort
 *   closing   | gets no more chunks: the app has    | sent, abort
 *             | ended the socket before it          |
 *   complete  | is with the server as a whole       | sent, abort
 *   sent      | has been taken by the kernel        |
 *   aborted   | will not be sent, or not to its end |
 */
type State = "open" | "streaming" | "closing" | "complete" | "sent" | "aborted";

const TRANSITIONS: TransitionTable<State> = {
  open: ["streaming", "complete", "aborted"],
  streaming: ["closing", "sent", "aborted"],
  closing: ["sent", "aborted"],
  complete: ["sent", "aborted"],
  sent: [],
  aborted: [],
};

interface PendingAnswer {
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: unknown) => void;
}

export class NodeExchange
  implements NodeResponseOwner, NodeSocketOwner, ChunkQueueOwner, BodyFeedOwner
{
  readonly socket: NodeSocket;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly #request: HttpRequest;
  readonly #server: Server;
  readonly #feed: BodyFeed;
  readonly #written: WrittenResponse;
  readonly #callbacks = new WriteCallbacks();
  #state: State = "open";
  /** Whether the app waits for "drain" after a `write()` returned false. */
  #awaitsDrain = false;
  #response: HttpResponse | undefined = undefined;
  #pendingAnswer: PendingAnswer | undefined = undefined;
  /** Set where the exchange was aborted before there was a response. */
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(request: HttpRequest, server: Server) {
    this.#request = request;
    this.#server = server;
    this.socket = NodeSocket.of(request, server);
    this.socket.begin(this);
    this.incoming = new NodeRequest(request, this.socket);
    joinDuplicatesAs(server, this.incoming);
    this.#feed = new BodyFeed(request.body, this.incoming, this);
    this.outgoing = nodeResponse(this.incoming, this);
    this.#written = new WrittenResponse(this.outgoing);
  }

  /**
   * The response for the server, once the listener has been called.
   *
   * @throws the error of a listener that failed before it responded
   */
  answer(): Answer {
    if (this.#failure) throw this.#failure.error;
    if (this.#request.body === EMPTY_BODY) this.#feed.end();
    if (this.#state !== "complete") this.#watchClient();
    if (this.#response) return this.#response;
    return new Promise((resolve, reject) => {
      this.#pendingAnswer = { resolve, reject };
    });
  }

  #watchClient(): void {
    const request = this.#request;
    request.whenAborted((reason) => this.#abort(reason));
    // As Node's server does: a client that half-closes has left.
    request.whenClientEnded(() => this.#drop("the client left"));
  }

  /** The listener has failed: an unfinished response is not completed. */
  fail(error: unknown): void {
    switch (this.#state) {
      case "open":
        this.#move("aborted");
        this.#failure = { error };
        this.#pendingAnswer?.reject(error);
        process.nextTick(close, this);
        break;
      case "streaming":
      case "closing":
        this.#written.failStream(asError(error));
        break;
      case "complete":
      case "sent":
      case "aborted":
        processLogger().error({ err: loggable(error) }, LATE_FAILURE);
        break;
      default:
        this.#state satisfies never;
    }
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  get #isOver(): boolean {
    return this.#state === "sent" || this.#state === "aborted";
  }

  // --- the body of the request

  onWanted(): void {
    this.socket.touch();
  }

  onBodyOver(): void {
    this.socket.release(this);
    destroyAlone(this.incoming);
  }

  // --- the response, as the app writes it

  onInterim({ status, headers }: InterimHead): void {
    if (this.#state === "open") this.#request.sendInterim(status, headers);
  }

  onHead(
    status: number,
    phrase: string,
    headers: HttpHeaders,
    isChunked: boolean,
  ): void {
    this.#written.setHead(status, phrase, headers);
    if (isChunked) this.#written.markChunked();
  }

  onChunk(chunk: Chunk, callback: WriteCallback | undefined): void {
    this.socket.touch();
    if (callback) this.#callbacks.add(callback);
    if (this.#state !== "closing") this.#written.push(chunk);
  }

  onWritten(): boolean {
    if (this.#state === "open") {
      if (mayHaveContent(this.outgoing)) this.#beginStream();
      else this.#written.markChunked();
    }
    const hasRoom = this.#hasRoom;
    if (!hasRoom) {
      this.#awaitsDrain = true;
      showDrainNeeded(this.outgoing, this);
    }
    return hasRoom;
  }

  /** As in a socket, bytes that the kernel has not taken count. */
  get #hasRoom(): boolean {
    return this.socket.unsentBytes < this.outgoing.writableHighWaterMark;
  }

  get queuedBytes(): number {
    return this.#written.queuedBytes;
  }

  get isSent(): boolean {
    return this.#state === "sent";
  }

  get awaitsDrain(): boolean {
    return this.#awaitsDrain;
  }

  onEnding(): void {
    this.#callbacks.beginEnd();
  }

  onEnded(): void {
    if (this.#state !== "open") {
      this.#written.endStream();
      return;
    }
    this.#move("complete");
    this.#give(this.#written.whole(this.#request.method === "HEAD"));
    process.nextTick(finish, this);
  }

  #beginStream(): void {
    this.#move("streaming");
    this.#give(this.#written.stream(this));
  }

  #give(response: HttpResponse): void {
    this.#request.route ??= expressRoute(this.incoming);
    this.#response = response;
    this.#pendingAnswer?.resolve(response);
  }

  // --- the response, as it is sent

  onRoom(): void {
    this.socket.touch();
    this.#callbacks.onWritten();
    if (this.#state === "closing" && this.queuedBytes === 0) {
      this.#dropWhenSent();
    }
    // Otherwise chunks are queued, and this is called again.
    if (!this.#awaitsDrain || !this.#hasRoom) return;
    this.#awaitsDrain = false;
    process.nextTick(drain, this.outgoing);
  }

  onSent(): void {
    process.nextTick(finish, this);
  }

  onCancelled(): void {
    this.#abort(new RequestAborted("the client left"));
  }

  /** The server has taken all of the response. */
  finish(): void {
    const { connection } = this.#request;
    if (!connection?.unsentBytes) this.#finish();
    else connection.whenSent((error) => this.#finish(error));
  }

  /** The kernel has taken it too, unless there is an error. */
  #finish(error?: Error | null): void {
    if (this.#isOver) return;
    if (error) {
      this.#move("aborted");
      this.close();
      return;
    }
    this.#move("sent");
    this.#callbacks.onWritten();
    publishFinish(this, this.#server);
    this.#detach(); // before "finish", as in Node's server
    this.#callbacks.onFinished();
    // "close" comes after everything that "finish" leads to.
    if (this.outgoing.listenerCount("close") > 0) process.nextTick(close, this);
    else this.close();
  }

  /** As Node's server does when a response is finished. */
  close(): void {
    this.#detach();
    closeResponse(this.outgoing);
    this.#feed.onAnswered();
  }

  onNext(): void {
    this.#detach();
    destroyAlone(this.incoming);
  }

  #detach(): void {
    detachFromSocket(this.outgoing);
  }

  // --- an end before the response has been sent

  /** After the app destroys the socket, an ended response is still sent. */
  onDestroyed(): void {
    switch (this.#state) {
      case "open":
      case "streaming":
      case "closing":
        if (this.outgoing.writableEnded) this.#request.connection?.closeSoon();
        else this.#drop("its connection was destroyed");
        break;
      case "complete":
        this.#request.connection?.closeSoon();
        break;
      case "sent":
        this.#request.connection?.closeSoon();
        if (!this.incoming.complete) this.#dropBody();
        break;
      case "aborted":
        break;
      default:
        this.#state satisfies never;
    }
  }

  /** The app ends the socket: chunks that it wrote before are still sent. */
  onSocketEnded(): void {
    if (this.#state === "streaming" && !this.outgoing.writableEnded) {
      this.#move("closing");
      if (this.queuedBytes === 0) this.#dropWhenSent();
    } else if (this.#state === "sent") {
      this.#request.connection?.closeSoon();
    } else this.onDestroyed();
  }

  /** Stops reading the request's body after the response. */
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
    const hasListener = !incoming.complete && incoming.emit("timeout", socket);
    const isOfResponse = outgoing.emit("timeout", socket);
    const isOfServer = this.#server.emit("timeout", socket);
    const isHandled = hasListener || isOfResponse || isOfServer;
    // A listener of the socket does not keep it, as in Node's server.
    if (!isHandled) socket.destroy();
    socket.emit("timeout");
  }

  /** Closes the connection without completing the response. */
  #drop(why: string): void {
    if (this.#isOver) return;
    this.#abort(new RequestAborted(why));
    this.#request.drop();
  }

  /** The response is no longer needed. */
  #abort(reason: Error): void {
    if (this.#isOver) return;
    if (this.#state === "open") this.#failure = { error: reason };
    this.#move("aborted");
    this.#written.failStream(reason);
    this.#pendingAnswer?.reject(reason);
    // As in Node: a client that leaves is no error of its socket.
    this.socket.destroy(isInstance(reason, HttpError) ? reason : undefined);
    this.incoming.destroy(clientAborted());
    this.#callbacks.onWritten(clientAborted());
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

function asError(error: unknown): Error {
  return isInstance(error, Error) ? error : new Error(messageOf(error));
}
