/**
 * One HTTP/1.1 connection: one request at a time, answers in order. What may
 * follow what is in `connection-phase.ts`; bytes, time and the handler each may
 * end a phase.
 *
 * Runs per request: an answer that is there at once costs no promise, and all
 * answers that one chunk produced leave in one write.
 */

import type { BodySource } from "../http/body/body-source.ts";
import { discardBody } from "../http/body/chunk-source.ts";
import type { Origin } from "../http/forwarded/client.ts";
import { Origins } from "../http/forwarded/origins.ts";
import { HttpError, RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { HttpStatus } from "../http/http-status.ts";
import type {
  Companion,
  InterimResponse,
  RequestServer,
} from "../http/request-server.ts";
import { problem, serviceUnavailable } from "../http/response-helpers.ts";
import type { UpgradeResponse } from "../http/upgrade-response.ts";
import type { Protocol, Transport } from "../net/protocol.ts";
import { BodyIntake } from "./body/body-intake.ts";
import type { BodyWatch } from "./body/body-watch.ts";
import type {
  ConnectionContext,
  ConnectionLimits,
} from "./connection-context.ts";
import { movedTo, Phase } from "./connection-phase.ts";
import { CurrentRequest } from "./current-request.ts";
import { Deadlines } from "./deadlines.ts";
import type { RequestHead } from "./head/request-head.ts";
import {
  afterAnswer,
  type ConnectionFacts,
  formResponse,
} from "./persistence.ts";
import { ProtocolError } from "./protocol-error.ts";
import { ReadGate } from "./read-gate.ts";
import { RequestReader } from "./request-reader.ts";
import {
  CONTINUE,
  encodeInterim,
  responseFraming,
} from "./response-encoder.ts";
import { ResponseSender } from "./response-sender.ts";

/** Reading pauses when so much of a pipeline waits. */
const MAX_PIPELINED_BYTES = 65_536;
const HTTPS = /^https:/i;
/** For those whose proxy did not tell who they are. */
const UNTRUSTED = new Origins();
/** The answer has begun: no other one can be given. */
const ANSWERING = Phase.Streaming | Phase.Receiving | Phase.Draining;
/** In which a handler may drop its client. */
const DROPPABLE = Phase.Handling | Phase.Streaming;

export class Http1Connection
  implements Protocol, BodySource, RequestServer, ConnectionFacts
{
  // --- as long as the connection
  readonly #transport: Transport;
  readonly #context: ConnectionContext;
  readonly #reader: RequestReader;
  readonly #deadlines: Deadlines;
  readonly #sender: ResponseSender;
  /** Made when it is first needed: most connections only bring heads. */
  #gate: ReadGate | undefined = undefined;
  #intake: BodyIntake | undefined = undefined;
  /** Found with the first request. */
  #origin: Origin | undefined = undefined;
  requestCount = 0;
  companion: Companion | undefined = undefined;
  #phase: Phase = Phase.Idle;
  #isAdvancing = false;
  #hasPeerEnded = false;
  /** Whether the worker is leaving. */
  #isLeaving = false;
  /** The time, where an answer has just told it: the next request is there. */
  #justNow: number | undefined = undefined;
  // --- as long as a request
  #current: CurrentRequest | undefined = undefined;

  constructor(transport: Transport, context: ConnectionContext) {
    this.#transport = transport;
    this.#context = context;
    const { parsers, clock, limits, serverField } = context;
    this.#reader = new RequestReader(parsers);
    this.#deadlines = new Deadlines(transport, limits, clock);
    this.#sender = new ResponseSender(transport, serverField);
    this.#deadlines.awaitRequest();
  }

  get isIdle(): boolean {
    return this.#phase === Phase.Idle || this.#phase === Phase.Closed;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get isEnding(): boolean {
    if (this.#context.readiness.isClosing) return true;
    return this.#isLeaving || this.#hasPeerEnded;
  }

  get reader(): RequestReader {
    return this.#reader;
  }

  get limits(): ConnectionLimits {
    return this.#context.limits;
  }

  // --- events

  onData(chunk: Buffer): void {
    if (this.#phase === Phase.Closed) return;
    this.#reader.append(chunk);
    this.#advance();
    this.#reader.keepUnread();
    if (this.#reader.unreadBytes > MAX_PIPELINED_BYTES) this.#pauseReading();
  }

  onEnd(): void {
    this.#hasPeerEnded = true;
    if (this.#phase === Phase.Closed) return;
    // A request that is not whole is never handled as if it were.
    if (!this.#reader.isBodyDone) {
      this.#abandon(new RequestAborted("the client ended its body"));
    } else if (this.#current === undefined) this.#close();
    else this.#current.request.clientEnded();
  }

  onWritable(): void {
    this.#sender.onWritable();
    if (this.#phase === Phase.Idle || this.#phase === Phase.Head)
      this.#advance();
  }

  onDeadline(): void {
    switch (this.#phase) {
      case Phase.Idle:
      case Phase.Draining:
        this.#close();
        break;
      case Phase.Receiving:
        this.#abandon(new RequestAborted("the body took too long"));
        break;
      case Phase.Head:
        this.#reject(timeout("head_timeout", "the head took too long"));
        break;
      case Phase.Handling:
      case Phase.Streaming:
        this.#onExchangeDeadline(this.#current as CurrentRequest);
        break;
      case Phase.Upgraded:
      case Phase.Closed:
        break;
      default:
        this.#phase satisfies never;
    }
  }

  #onExchangeDeadline(current: CurrentRequest): void {
    if (this.#intake?.isAwaited(current)) {
      this.#reject(timeout("body_timeout", "the body took too long"));
    } else if (this.#phase === Phase.Handling) this.#giveUpHandler(current);
  }

  onShutdown(lingerMs: number): void {
    this.#isLeaving = true;
    this.#current?.request.drain();
    this.#deadlines.linger(lingerMs);
    const isPaused = this.#gate?.isClosed ?? false;
    if (this.#phase === Phase.Idle && !isPaused) this.#deadlines.awaitRequest();
    if (this.#phase !== Phase.Upgraded) return;
    this.#current?.request.abort(new RequestAborted("the worker is leaving"));
  }

  onClose(error?: Error): void {
    if (this.#phase !== Phase.Closed) this.#move(Phase.Closed);
    // An error is dear: connections come and go without a request.
    if (this.#current) {
      const why = error?.message ?? "the client left";
      this.#abortCurrent(new RequestAborted(why));
    }
    this.companion?.onConnectionClosed();
    this.#reader.close();
  }

  onHandlerTimeoutChanged(): void {
    const current = this.#current;
    if (current && this.#phase === Phase.Handling) this.#awaitExchange(current);
  }

  /** The handler wants the client to get no answer, or no more of it. */
  onDrop(request: HttpRequest): void {
    const current = this.#current;
    if (!current || current.request !== request) return;
    if ((this.#phase & DROPPABLE) === 0) return;
    const reason = new RequestAborted("its handler dropped the client");
    // Half of an answer shows that it is half, unless the end is its mark. What
    // was sent may still arrive then: a reset would take it away.
    const isCut = this.#phase === Phase.Streaming;
    const needsReset = current.framing === "close" || this.unsentBytes > 0;
    if (isCut && needsReset) this.#abandon(reason);
    else {
      this.#close();
      this.#abortCurrent(reason);
    }
  }

  closeSoon(): void {
    if (this.#phase === Phase.Closed) return;
    if (this.#current && this.#phase !== Phase.Draining) {
      this.#current.closesAfter = true;
    } else this.#close();
  }

  reset(): void {
    this.#transport.abort();
  }

  get unsentBytes(): number {
    return this.#transport.unsentBytes;
  }

  whenSent(callback: (error?: Error | null) => void): void {
    this.#transport.whenSent(callback);
  }

  /** The handler tells of its answer before it has it. */
  onInterim(
    request: HttpRequest,
    { status, fields }: InterimResponse,
  ): boolean {
    const current = this.#current;
    if (current?.request !== request || current.isHttp10) return false;
    if (this.#phase !== Phase.Handling || !this.#transport.canSend)
      return false;
    const isContinue = status === HttpStatus.Continue;
    if (isContinue && !current.awaitsContinue) return false;
    this.#transport.send(encodeInterim(status, fields));
    if (!isContinue) return true;
    current.awaitsContinue = false;
    this.onBodyRead();
    return true;
  }

  /** The handler wants more of the body. */
  onBodyRead(): void {
    const current = this.#current;
    if (!current) return;
    if (current.awaitsContinue && this.#phase === Phase.Handling) {
      this.#transport.send(CONTINUE); // RFC 9110 §10.1.1
    }
    current.awaitsContinue = false;
    this.#intake?.readOn(current);
    if (this.#phase === Phase.Draining) return;
    this.#awaitExchange(current);
    if (this.#phase !== Phase.Receiving) return;
    if (!current.request.body.isReadLate) this.#advance();
  }

  // --- bytes in

  /** Reads as far as the bytes, the handler and the client's reading allow. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    this.#justNow = undefined;
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
      case Phase.Idle:
      case Phase.Head:
        return this.#readHead();
      case Phase.Handling:
      case Phase.Streaming:
        this.#readBody(this.#current as CurrentRequest);
        return false;
      case Phase.Receiving:
        return this.#receiveBody(this.#current as CurrentRequest);
      case Phase.Draining:
        return this.#drainBody();
      case Phase.Upgraded:
      case Phase.Closed:
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  #readHead(): boolean {
    if (!this.#transport.canSend) {
      this.#awaitRoom();
      return false;
    }
    const head = this.#reader.readHead();
    if (head) this.#begin(head);
    else this.#awaitHead();
    return head !== undefined;
  }

  /**
   * Who does not read its answers gets no more. What it has sent waits without
   * a deadline: that of writing is the transport's.
   */
  #awaitRoom(): void {
    this.#pauseReading();
    this.#deadlines.awaitNothing();
  }

  #awaitHead(): void {
    const hasBegun = this.#reader.isInHead && this.#phase === Phase.Idle;
    if (hasBegun) this.#move(Phase.Head);
    if (hasBegun || this.#gate?.isClosed) {
      if (this.#phase === Phase.Head) this.#deadlines.awaitHead();
      else this.#deadlines.awaitRequest();
    }
    if (this.#hasPeerEnded) this.#close();
    else this.#gate?.open();
  }

  /** @throws ProtocolError 413 where the length says too much, or 421 */
  #begin(head: RequestHead): void {
    const { clock, limits, observer } = this.#context;
    const current = new CurrentRequest(head, {
      now: this.#justNow ?? clock.now(),
      pace: limits,
      server: this,
      from: this.#origin ?? this.#findOrigin(),
    });
    this.#current = current;
    this.requestCount++;
    this.#move(Phase.Handling);
    observer.onRequest();
    if (head.rawTarget !== head.target) this.#checkScheme(current);
    if (current.watch) {
      this.#reader.beginBody(head.framing);
      this.#readBody(current);
    }
    this.#handle(current);
  }

  /**
   * RFC 9110 §7.4: what is for https has come over TLS, unless a trusted proxy
   * says so. @throws ProtocolError 421
   */
  #checkScheme({ head, request }: CurrentRequest): void {
    if (!HTTPS.test(head.rawTarget) || request.protocol === "https") return;
    if (this.#findOrigin().isTrusted) return;
    const text = "an https URI on a connection without TLS";
    throw new ProtocolError(421, "target", text);
  }

  #findOrigin(): Origin {
    const transport = this.#transport;
    const protocol = transport.isClientEncrypted ? "https" : "http";
    const origins = transport.isClientUnknown
      ? UNTRUSTED
      : this.#context.origins;
    this.#origin = origins.of(transport.remoteAddress, protocol);
    return this.#origin;
  }

  /** @throws ProtocolError */
  #readBody(current: CurrentRequest): void {
    this.#bodyIntake.feed(current);
    if (current.watch) this.#awaitExchange(current);
  }

  /** Reads on for a handler that has answered. @throws ProtocolError */
  #receiveBody(current: CurrentRequest): boolean {
    this.#readBody(current);
    if (current.request.body.isReadLate) return false;
    this.#goOnAfter(current, this.#context.clock.now());
    return this.#phase === Phase.Idle || this.#phase === Phase.Draining;
  }

  /** Reads on past what nobody wanted. */
  #drainBody(): boolean {
    const current = this.#current as CurrentRequest;
    if (!this.#bodyIntake.skip(current)) this.#close();
    else if (this.#reader.isBodyDone) {
      current.request.body.end();
      this.#endRequest(this.#context.clock.now());
    }
    return this.#phase === Phase.Idle;
  }

  // --- the handler

  #handle(current: CurrentRequest): void {
    const answer = this.#context.handler(current.request);
    // Not by class: an app may bring its own copy of this package.
    if (answer instanceof Promise) this.#awaitAnswer(current, answer);
    else if (this.#current === current) this.#respond(current, answer);
    else discardBody(answer); // dropped by the handler
  }

  #awaitAnswer(current: CurrentRequest, answer: Promise<HttpResponse>): void {
    if (this.#current !== current) return;
    this.#awaitExchange(current);
    answer.then((response) => this.#onAnswer(current, response));
  }

  #onAnswer(current: CurrentRequest, response: HttpResponse): void {
    // The client may have left, or been refused, meanwhile.
    if (this.#current !== current || this.#phase !== Phase.Handling) {
      discardBody(response);
      return;
    }
    this.#respondLater(current, response);
  }

  /** What the handler may still answer comes too late. */
  #giveUpHandler(current: CurrentRequest): void {
    const { request } = current;
    const reason = new RequestAborted("the handler took too long");
    this.#context.observer.onHandlerTimeout(request);
    request.body.fail(reason);
    this.#respondLater(current, serviceUnavailable());
    request.abort(reason);
  }

  // --- the response

  #respondLater(current: CurrentRequest, response: HttpResponse): void {
    this.#transport.cork();
    this.#respond(current, response);
    this.#transport.uncork();
    this.#goOn();
  }

  #respond(current: CurrentRequest, response: HttpResponse): void {
    try {
      this.#send(current, response);
    } catch (error) {
      this.#context.observer.onResponseError(current.request, error);
      discardBody(response);
      this.#send(current, problem(500));
    }
  }

  /** @throws TypeError where the response cannot be sent as it is */
  #send(current: CurrentRequest, response: HttpResponse): void {
    current.status = response.status;
    if (response.status === HttpStatus.SwitchingProtocols) {
      this.#switchProtocols(current, response as UpgradeResponse);
      return;
    }
    formResponse(current, response, this);
    current.answeredAt = this.#context.clock.now();
    if (current.awaitsContinue) this.#continueLate(current);
    const sentBytes = this.#sender.send(response, current);
    current.awaitsContinue = false;
    if (sentBytes === undefined) this.#stream(current, response);
    else this.#finish(current, sentBytes);
  }

  /** A client that gets its answer before a 100 does not send its body. */
  #continueLate(current: CurrentRequest): void {
    if (current.request.body.isReadLate) this.#transport.send(CONTINUE);
  }

  #stream(current: CurrentRequest, response: HttpResponse): void {
    const isWanted = () => {
      return this.#current === current && this.#phase === Phase.Streaming;
    };
    this.#move(Phase.Streaming);
    this.#awaitExchange(current);
    this.#sender.stream(response, current.framing, isWanted).then(
      (bytes) => {
        if (bytes === undefined || !isWanted()) return;
        current.answeredAt = this.#context.clock.now();
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

  /** @throws TypeError where the client did not ask for it */
  #switchProtocols(current: CurrentRequest, { takeSocket }: UpgradeResponse) {
    const { request, head } = current;
    if (head.upgrades.length === 0) {
      throw new TypeError("an upgrade that the client did not ask for");
    }
    this.#move(Phase.Upgraded);
    this.#deadlines.awaitNothing();
    const unread = this.#reader.takeUnread();
    const socket = this.#transport.handOver();
    current.answeredAt = this.#context.clock.now();
    this.#count(current, 0);
    callUpgradeHandler(() => takeSocket(socket, unread)).catch((error) => {
      this.#context.observer.onResponseError(request, error);
      this.#transport.abort();
    });
  }

  /** The response has been sent. */
  #finish(current: CurrentRequest, responseBodyBytes: number): void {
    this.#count(current, responseBodyBytes);
    this.#goOnAfter(current, current.answeredAt);
  }

  #goOnAfter(current: CurrentRequest, now: number): void {
    const next = afterAnswer(current, this.#reader, this.limits);
    switch (next) {
      case "goOn":
        this.#endRequest(now);
        break;
      case "readBody":
        this.#move(Phase.Receiving);
        this.#awaitExchange(current);
        break;
      case "drainBody":
        this.#beginDraining(current, now);
        break;
      case "close":
        if (!this.#reader.isBodyDone) this.#cutBody(current);
        this.#current = undefined;
        this.#close();
        break;
      default:
        next satisfies never;
    }
  }

  /** A reader must not take the bytes received so far for the whole body. */
  #cutBody({ request }: CurrentRequest): void {
    const reason = new RequestAborted("the request has been answered");
    request.body.passOver(reason);
    request.body.fail(reason);
  }

  #beginDraining(current: CurrentRequest, now: number): void {
    const { maxUnreadBodyBytes } = this.limits;
    const reason = new RequestAborted("the request has been answered");
    current.request.body.passOver(reason);
    this.#move(Phase.Draining);
    current.drainLimitBytes = current.requestBodyBytes + maxUnreadBodyBytes;
    this.#deadlines.awaitUnreadBody(now);
    this.#gate?.open();
  }

  /** Tells of the answer. */
  #count(current: CurrentRequest, responseBodyBytes: number): void {
    current.isAnswered = true;
    current.responseBodyBytes = responseBodyBytes;
    this.#context.observer.onResponse(current);
  }

  #endRequest(now: number): void {
    this.#current = undefined;
    this.#justNow = now;
    this.#reader.endBody();
    this.#move(Phase.Idle);
    this.#deadlines.awaitRequest(now);
  }

  /** After an answer that came later: what is buffered may be next. */
  #goOn(): void {
    if (this.#phase === Phase.Idle || this.#phase === Phase.Draining)
      this.#advance();
  }

  // --- the end of it

  /** Refuses what came with one answer, and nothing after it. */
  #reject(error: ProtocolError): void {
    this.#context.observer.onParseError(error.reason);
    // Who reads the body learns what the client is told.
    const reason = new HttpError(error.status, error.message);
    if ((this.#phase & ANSWERING) !== 0) {
      this.#abandon(reason);
      return;
    }
    this.#sendRefusal(problem(error.status, error.message));
    this.#current?.request.abort(reason);
    this.#abandon(reason);
  }

  #sendRefusal(response: HttpResponse): void {
    const current = this.#current;
    const isHead = current?.isHead ?? this.#reader.isForHead;
    const framing = responseFraming(response, { isHttp10: false, isHead });
    const answeredAt = this.#context.clock.now();
    const form = { framing, option: "close", isHead, answeredAt } as const;
    const sentBytes = this.#sender.send(response, form) as number;
    if (!current) return;
    current.status = response.status;
    current.answeredAt = answeredAt;
    this.#count(current, sentBytes);
  }

  #abandon(reason: Error): void {
    if (this.#phase === Phase.Streaming) {
      // Half a response must not look whole.
      this.#transport.abort();
      this.#move(Phase.Closed);
      this.#reader.close();
    } else {
      this.#close();
    }
    this.#abortCurrent(reason);
  }

  #close(): void {
    this.#move(Phase.Closed);
    this.#reader.close();
    this.#transport.close();
  }

  #abortCurrent(reason: Error): void {
    const current = this.#current;
    this.#current = undefined;
    this.#sender.end();
    if (!current) return;
    const { request, isAnswered } = current;
    const isUpgraded = current.status === HttpStatus.SwitchingProtocols;
    // Of an answer that is whole only the request's body may be open.
    if (isAnswered && !isUpgraded) request.body.fail(reason);
    else request.abort(reason);
    if (!isAnswered) this.#context.observer.onAbort(request);
  }

  // --- small parts

  get #readGate(): ReadGate {
    this.#gate ??= new ReadGate(this.#transport, this.#context.clock);
    return this.#gate;
  }

  get #bodyIntake(): BodyIntake {
    const { clock } = this.#context;
    this.#intake ??= new BodyIntake({
      transport: this.#transport,
      reader: this.#reader,
      gate: this.#readGate,
      clock,
    });
    return this.#intake;
  }

  #pauseReading(): void {
    this.#readGate.close();
  }

  #move(phase: Phase): void {
    this.#phase = movedTo(phase, this.#phase);
  }

  /** By when the client, or else the handler, must have done its part. */
  #awaitExchange(current: CurrentRequest): void {
    if (this.#intake?.isAwaited(current)) {
      this.#deadlines.awaitBody(current.watch as BodyWatch);
    } else if (this.#phase === Phase.Handling) {
      this.#deadlines.awaitHandler(current.request.handlerTimeoutMs);
    } else if (this.#phase === Phase.Receiving) {
      this.#deadlines.awaitHandler(); // to read on
    } else this.#deadlines.awaitNothing();
  }
}

/** As a promise, whatever way it fails. */
async function callUpgradeHandler(call: () => void | Promise<void>) {
  await call();
}

function timeout(
  reason: "head_timeout" | "body_timeout",
  message: string,
): ProtocolError {
  return new ProtocolError(408, reason, message);
}
