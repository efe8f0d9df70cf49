/**
 * One HTTP/1.1 connection: one request at a time, answers in order.
 *
 *   phase      | what happens in it            | and then
 *   idle       | waits for a request           | head, handling, closed
 *   head       | a head has begun              | handling, closed
 *   handling   | the handler runs              | idle, streaming, draining,
 *              |                               | closed
 *   streaming  | a response body is sent       | idle, draining, closed
 *   draining   | answered; what is left of the | idle, closed
 *              | request's body is read        |
 *   closed     | nothing is read or sent       |
 *
 * Bytes, time and the handler each may end a phase; `MOVES` is the table.
 * Runs per request: an answer that is there at once costs no promise, and all
 * answers that one chunk produced leave in one write.
 */
import { HttpError, RequestAborted } from "../http/errors.ts";
import type { BodySource } from "../http/request-body.ts";
import type { HttpResponse, ResponseBody } from "../http/response.ts";
import { problem } from "../http/responses.ts";
import type { Protocol, Transport } from "../net/protocol.ts";
import type { BodyWatch } from "./body-watch.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { ContentSender } from "./content-sender.ts";
import { CurrentRequest } from "./current-request.ts";
import { isLastAnswer, isWorthDraining } from "./persistence.ts";
import { pieceSource } from "./piece-source.ts";
import { ProtocolError } from "./protocol-error.ts";
import { ReadGate } from "./read-gate.ts";
import type { RequestHead } from "./request-head.ts";
import { RequestReader } from "./request-reader.ts";
import {
  CONTINUE,
  encodeHead,
  hasContent,
  type ResponseFraming,
  responseFraming,
} from "./response-encoder.ts";

type Phase = "idle" | "head" | "handling" | "streaming" | "draining" | "closed";

/** The phases that may follow each. */
const MOVES = {
  idle: { head: true, handling: true, closed: true },
  head: { handling: true, closed: true },
  handling: { idle: true, streaming: true, draining: true, closed: true },
  streaming: { idle: true, draining: true, closed: true },
  draining: { idle: true, closed: true },
  closed: {},
} as const satisfies Record<Phase, Partial<Record<Phase, true>>>;

const NEVER = Number.POSITIVE_INFINITY;

/** Reading pauses when so much of a body, or of a pipeline, waits. */
const MAX_BUFFERED_BYTES = 65_536;

export class Http1Connection implements Protocol, BodySource {
  // --- as long as the connection
  readonly #transport: Transport;
  readonly #context: ConnectionContext;
  readonly #reader: RequestReader;
  readonly #gate: ReadGate;
  readonly #sender: ContentSender;
  #phase: Phase = "idle";
  #requestCount = 0;
  #isAdvancing = false;
  #hasPeerEnded = false;
  /** Set once the worker is leaving. */
  #lingerMs: number | undefined = undefined;
  // --- as long as a request
  #current: CurrentRequest | undefined = undefined;

  constructor(transport: Transport, context: ConnectionContext) {
    this.#transport = transport;
    this.#context = context;
    this.#reader = new RequestReader(context.parsers);
    this.#gate = new ReadGate(transport, context.clock);
    this.#sender = new ContentSender(transport);
    this.#awaitRequest(context.clock.now());
  }

  get isIdle(): boolean {
    return this.#phase === "idle" || this.#phase === "closed";
  }

  // --- events

  onData(chunk: Buffer): void {
    if (this.#phase === "closed") return;
    this.#reader.append(chunk);
    this.#advance();
    this.#reader.keepUnread();
    const isFull = this.#reader.unreadBytes > MAX_BUFFERED_BYTES;
    if (isFull) this.#gate.close(this.#incomingBody());
  }

  onEnd(): void {
    this.#hasPeerEnded = true;
    if (this.#phase === "closed") return;
    // A request that is not whole is never handled as if it were.
    if (!this.#reader.isBodyDone) {
      this.#abandon(new RequestAborted("the client ended its body"));
    } else if (this.#current === undefined) this.#close();
  }

  onWritable(): void {
    this.#sender.onWritable();
    if (this.#phase === "idle" || this.#phase === "head") this.#advance();
  }

  onDeadline(): void {
    switch (this.#phase) {
      case "idle":
      case "draining":
        this.#close();
        break;
      case "head":
        this.#reject(timeout("head_timeout", "the head took too long"));
        break;
      case "handling":
      case "streaming":
        this.#reject(timeout("body_timeout", "the body took too long"));
        break;
      case "closed":
        break;
      default:
        this.#phase satisfies never;
    }
  }

  onShutdown(lingerMs: number): void {
    this.#lingerMs = lingerMs;
    const awaitsRequest = this.#phase === "idle" && !this.#gate.isClosed;
    if (awaitsRequest) this.#awaitRequest(this.#context.clock.now());
  }

  onClose(error?: Error): void {
    if (this.#phase !== "closed") this.#move("closed");
    const why = error?.message ?? "the client left";
    this.#abortCurrent(new RequestAborted(why));
    this.#reader.close();
  }

  /** The handler wants more of the body. */
  onBodyRead(): void {
    const current = this.#current;
    if (!current) return;
    if (current.awaitsContinue && this.#phase === "handling") {
      this.#transport.send(CONTINUE); // RFC 9110 §10.1.1
    }
    current.awaitsContinue = false;
    const { bufferedBytes } = current.request.body;
    if (bufferedBytes < MAX_BUFFERED_BYTES) {
      this.#gate.open(this.#incomingBody());
    }
  }

  // --- bytes in

  /** Reads as far as the bytes, the handler and the client's reading allow. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    this.#transport.cork();
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#reject(error);
    } finally {
      this.#isAdvancing = false;
      this.#transport.uncork();
    }
  }

  /** Whether another step is possible. @throws ProtocolError */
  #step(): boolean {
    switch (this.#phase) {
      case "idle":
      case "head":
        return this.#readHead();
      case "handling":
      case "streaming":
        if (this.#current?.watch) this.#readBody(this.#current);
        return false;
      case "draining":
        return this.#drainBody();
      case "closed":
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  #readHead(): boolean {
    if (!this.#transport.canSend) {
      // Who does not read its answers gets no more. What it has sent waits
      // without a deadline: that of writing is the transport's.
      this.#gate.close();
      this.#transport.deadlineAt = NEVER;
      return false;
    }
    const head = this.#reader.readHead();
    if (head) {
      this.#begin(head);
      return true;
    }
    const hasBegun = this.#reader.isInHead && this.#phase === "idle";
    if (hasBegun) this.#move("head");
    if (hasBegun || this.#gate.isClosed) this.#awaitInput();
    if (this.#hasPeerEnded) this.#close();
    else this.#gate.open();
    return false;
  }

  /** @throws ProtocolError 413 where the length says too much */
  #begin(head: RequestHead): void {
    const { clock, limits, observer } = this.#context;
    const current = new CurrentRequest(head, {
      now: clock.now(),
      pace: limits,
      source: this,
      remoteAddress: this.#transport.remoteAddress,
    });
    this.#current = current;
    this.#requestCount++;
    this.#move("handling");
    observer.onRequest();
    this.#transport.deadlineAt = NEVER;
    if (current.watch) {
      this.#reader.beginBody(head.framing);
      this.#readBody(current);
    }
    this.#handle(current);
  }

  /** @throws ProtocolError */
  #readBody(current: CurrentRequest): void {
    const watch = current.watch as BodyWatch;
    if (this.#reader.isBodyDone) return;
    const { body } = current.request;
    const now = this.#context.clock.now();
    this.#reader.readBody((chunk) => {
      watch.onBytes(chunk.length, now);
      body.push(Buffer.from(chunk));
    });
    // Asked also where all that came was framing, which is no content.
    if (!watch.onBytes(0, now)) {
      throw timeout("body_timeout", "the body is too slow");
    }
    if (this.#reader.isBodyDone) {
      body.end(this.#reader.trailers);
      this.#transport.deadlineAt = NEVER;
      return;
    }
    // Who sends its body does not wait for leave to.
    if (watch.receivedBytes > 0) current.awaitsContinue = false;
    if (current.awaitsContinue) watch.pause(now);
    this.#transport.deadlineAt = watch.deadlineAt(now);
    if (body.bufferedBytes >= MAX_BUFFERED_BYTES) this.#gate.close(watch);
  }

  /** Reads on past what nobody wanted. */
  #drainBody(): boolean {
    const current = this.#current as CurrentRequest;
    const watch = current.watch as BodyWatch;
    this.#reader.readBody((chunk) => watch.onBytes(chunk.length, 0));
    if (watch.receivedBytes > current.drainLimitBytes) this.#close();
    else if (this.#reader.isBodyDone) {
      this.#endRequest(this.#context.clock.now());
    }
    return this.#phase === "idle";
  }

  // --- the handler

  #handle(current: CurrentRequest): void {
    const answer = this.#context.handler(current.request);
    // Not by class: an app may bring its own copy of this package.
    if (!(answer instanceof Promise)) this.#respond(current, answer);
    else answer.then((response) => this.#onAnswer(current, response));
  }

  #onAnswer(current: CurrentRequest, response: HttpResponse): void {
    // The client may have left, or been refused, meanwhile.
    if (this.#current !== current || this.#phase !== "handling") {
      discard(response.body);
      return;
    }
    this.#transport.cork();
    this.#respond(current, response);
    this.#transport.uncork();
    this.#goOn();
  }

  // --- the response

  #respond(current: CurrentRequest, response: HttpResponse): void {
    try {
      this.#send(current, response);
    } catch (error) {
      this.#context.observer.onResponseError(current.request, error);
      discard(response.body);
      this.#send(current, problem(500));
    }
  }

  /** @throws TypeError where the response cannot be sent as it is */
  #send(current: CurrentRequest, response: HttpResponse): void {
    const framing = responseFraming(response, current);
    current.closesAfter = isLastAnswer(current, response, {
      framing,
      reader: this.#reader,
      limits: this.#context.limits,
      isLeaving: this.#lingerMs !== undefined || this.#hasPeerEnded,
      requestCount: this.#requestCount,
    });
    const kept = current.isHttp10 ? "keep-alive" : undefined;
    const option = current.closesAfter ? "close" : kept;
    const { serverField } = this.#context;
    const head = encodeHead(response, framing, option, serverField);
    current.status = response.status;
    current.awaitsContinue = false;
    const { body } = response;
    if (!hasContent(response, current.isHead)) {
      this.#transport.send(head);
      discard(body);
      this.#finish(current, 0);
    } else if (typeof body === "string" || body instanceof Uint8Array) {
      this.#sender.sendWhole(head, body, framing as number);
      this.#finish(current, framing as number);
    } else {
      this.#transport.send(head);
      this.#stream(current, body, framing);
    }
  }

  #stream(
    current: CurrentRequest,
    body: ResponseBody,
    framing: ResponseFraming,
  ): void {
    const isWanted = () => {
      return this.#current === current && this.#phase === "streaming";
    };
    this.#move("streaming");
    this.#sender.stream({ body, framing, isWanted }).then(
      (bytes) => {
        if (bytes === undefined || !isWanted()) return;
        this.#finish(current, bytes);
        this.#goOn();
      },
      (error) => {
        if (!isWanted()) return;
        this.#context.observer.onResponseError(current.request, error);
        this.#abandon(new RequestAborted("its response failed"));
      },
    );
  }

  /** The response has been sent; what follows on this connection? */
  #finish(current: CurrentRequest, responseBodyBytes: number): void {
    const { request, watch } = current;
    const { limits } = this.#context;
    const now = this.#count(current, responseBodyBytes);
    if (this.#reader.isBodyDone && !current.closesAfter) {
      this.#endRequest(now);
      return;
    }
    const isWorth = isWorthDraining(current, this.#reader, limits);
    if (current.closesAfter || !isWorth) {
      this.#current = undefined;
      this.#close();
      request.body.fail(new RequestAborted("the request has been answered"));
      return;
    }
    this.#move("draining");
    const receivedBytes = watch?.receivedBytes ?? 0;
    current.drainLimitBytes = receivedBytes + limits.maxUnreadBodyBytes;
    this.#transport.deadlineAt = now + limits.bodyTimeoutMs;
    request.body.discard();
    this.#gate.open();
  }

  /** Tells of the answer; returns the time. */
  #count(current: CurrentRequest, responseBodyBytes: number): number {
    const { clock, observer } = this.#context;
    const now = clock.now();
    current.isAnswered = true;
    observer.onResponse({
      request: current.request,
      status: current.status,
      seconds: (now - current.startedAt) / 1000,
      requestBodyBytes: current.watch?.receivedBytes ?? 0,
      responseBodyBytes,
    });
    return now;
  }

  #endRequest(now: number): void {
    this.#current = undefined;
    this.#reader.endBody();
    this.#move("idle");
    this.#awaitRequest(now);
  }

  /** After an answer that came later: what is buffered may be next. */
  #goOn(): void {
    if (this.#phase === "idle" || this.#phase === "draining") this.#advance();
  }

  // --- the end of it

  /** Refuses what came with one answer, and nothing after it. */
  #reject(error: ProtocolError): void {
    this.#context.observer.onParseError(error.reason);
    // Who reads the body learns what the client is told.
    const reason = new HttpError(error.status, error.message);
    if (this.#phase === "streaming" || this.#phase === "draining") {
      this.#abandon(reason);
      return;
    }
    this.#sendRefusal(problem(error.status, error.message));
    this.#current?.request.abort(reason);
    this.#abandon(reason);
  }

  #sendRefusal(response: HttpResponse): void {
    const current = this.#current;
    const body = response.body as string;
    const length = Buffer.byteLength(body);
    const { serverField } = this.#context;
    const head = encodeHead(response, length, "close", serverField);
    const isHead = current?.isHead ?? false;
    this.#transport.send(isHead ? head : head + body);
    if (!current) return;
    current.status = response.status;
    this.#count(current, isHead ? 0 : length);
  }

  #abandon(reason: Error): void {
    if (this.#phase === "streaming") {
      // Half a response must not look whole.
      this.#transport.abort();
      this.#move("closed");
      this.#reader.close();
    } else {
      this.#close();
    }
    this.#abortCurrent(reason);
  }

  #close(): void {
    this.#move("closed");
    this.#reader.close();
    this.#transport.close();
  }

  #abortCurrent(reason: Error): void {
    const current = this.#current;
    this.#current = undefined;
    this.#sender.end();
    if (!current) return;
    // Of an answer that is whole only the request's body may be open.
    if (current.isAnswered) current.request.body.fail(reason);
    else current.request.abort(reason);
    if (!current.isAnswered) this.#context.observer.onAbort(current.request);
  }

  // --- small parts

  #move(phase: Phase): void {
    const allowed: Partial<Record<Phase, true>> = MOVES[this.#phase];
    if (!allowed[phase]) {
      throw new Error(`a connection cannot go from ${this.#phase} to ${phase}`);
    }
    this.#phase = phase;
  }

  /** Sets the deadline of a head that has begun, or of a request. */
  #awaitInput(): void {
    const { clock, limits } = this.#context;
    const now = clock.now();
    if (this.#phase !== "head") this.#awaitRequest(now);
    else this.#transport.deadlineAt = now + limits.headTimeoutMs;
  }

  #awaitRequest(now: number): void {
    const { keepAliveTimeoutMs } = this.#context.limits;
    const lingerMs = this.#lingerMs ?? keepAliveTimeoutMs;
    this.#transport.deadlineAt = now + Math.min(lingerMs, keepAliveTimeoutMs);
  }

  /** The watch of a body that is not whole yet. */
  #incomingBody(): BodyWatch | undefined {
    return this.#reader.isBodyDone ? undefined : this.#current?.watch;
  }
}

/** Ends a body of which nothing more is sent. */
function discard(body: ResponseBody): void {
  if (body === null || typeof body === "string") return;
  if (!(body instanceof Uint8Array)) pieceSource(body).cancel();
}

function timeout(
  reason: "head_timeout" | "body_timeout",
  message: string,
): ProtocolError {
  return new ProtocolError(408, reason, message);
}
