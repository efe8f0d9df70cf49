/**
 * One request and its response on a connection. Bytes, time and the handler can
 * each end a phase: see `exchange-phase.ts`.
 *
 * Runs per request. It is also what the sender and the observer are given, so
 * that no other object need be created, and a response that the handler returns
 * at once costs no promise.
 */
import type { BodySource } from "../http/body/body-source.ts";
import { discardBody } from "../http/body/chunk-source.ts";
import { RequestBody } from "../http/body/request-body.ts";
import { HttpError, RequestAborted } from "../http/http-error.ts";
import { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { HttpStatus } from "../http/http-status.ts";
import type { InterimResponse, RequestServer } from "../http/request-server.ts";
import { problem, serviceUnavailable } from "../http/response-helpers.ts";
import type { UpgradeResponse } from "../http/upgrade-response.ts";
import { BodyWatch } from "./body/body-watch.ts";
import type { Exchange } from "./connection-context.ts";
import type { ConnectionCore } from "./connection-core.ts";
import { EXCHANGE_PHASES, ExchangePhase } from "./exchange-phase.ts";
import type { RequestHead } from "./head/request-head.ts";
import {
  afterResponse,
  formResponse,
  type RespondedRequest,
} from "./persistence.ts";
import { movePhase } from "./phase-table.ts";
import { ProtocolError } from "./protocol-error.ts";
import {
  CONTINUE,
  type ConnectionOption,
  encodeInterim,
  type ResponseForm,
  type ResponseFraming,
} from "./response-encoder.ts";

const { Handling, Streaming, Receiving, Draining, Upgraded, Over } =
  ExchangePhase;

const HTTPS = /^https:/i;
const HAS_RESPONDED = Receiving | Draining;
const IS_ABORTABLE = Handling | Streaming;

/** The connection of an exchange. */
export interface ExchangeOwner extends BodySource, RequestServer {
  /** Called once, when the exchange is over. */
  onExchangeEnd(): void;
  /** Called after an asynchronous step: received bytes may be read now. */
  onExchangeProgress(): void;
}

export interface ExchangeInit {
  readonly core: ConnectionCore;
  readonly owner: ExchangeOwner;
  readonly now: number;
}

export class RequestExchange
  implements Exchange, RespondedRequest, ResponseForm
{
  readonly #core: ConnectionCore;
  readonly #owner: ExchangeOwner;
  readonly head: RequestHead;
  readonly request: HttpRequest;
  /** When the head was complete, in monotonic milliseconds. */
  readonly startedAt: number;
  /** Undefined for a request without a body. */
  readonly watch: BodyWatch | undefined;
  #phase: ExchangePhase = Handling;
  /** Bytes of the request body after which draining stops. */
  #drainLimitBytes = 0;
  // --- the response
  status = 0;
  framing: ResponseFraming = "none";
  option: ConnectionOption = undefined;
  /** When it began, later when it ended, in monotonic milliseconds. */
  answeredAt = 0;
  responseBodyBytes = 0;

  constructor(head: RequestHead, { core, owner, now }: ExchangeInit) {
    const { method, target, rawTarget, httpVersion, headers } = head;
    const { framing, upgrades } = head;
    const hasBody = framing !== 0;
    const bodyBytes = framing === "chunked" ? undefined : framing;
    this.#core = core;
    this.#owner = owner;
    this.head = head;
    this.startedAt = now;
    this.watch = hasBody ? new BodyWatch(core.limits, now) : undefined;
    this.request = new HttpRequest({
      method,
      target,
      rawTarget,
      httpVersion,
      headers,
      upgrades,
      server: owner,
      origin: core.origin,
      body: hasBody ? new RequestBody(owner, bodyBytes) : undefined,
    });
  }

  get seconds(): number {
    return (this.answeredAt - this.startedAt) / 1000;
  }

  /** Received so far. */
  get requestBodyBytes(): number {
    return this.watch?.receivedBytes ?? 0;
  }

  get isHead(): boolean {
    return this.head.method === "HEAD";
  }

  get isHttp10(): boolean {
    return this.head.httpVersion === "1.0";
  }

  // --- events of the connection

  /** @throws ProtocolError among others 413 for its declared length, or 421 */
  begin(): void {
    const { head, request, watch } = this;
    const { context, reader, intake } = this.#core;
    context.observer.onRequest();
    if (head.rawTarget !== head.target) this.#checkScheme();
    if (watch) {
      reader.beginBody(head.framing);
      intake.feed(request.body, watch);
      if (head.expectsContinue) watch.await100(context.clock.now());
      this.#setDeadline();
    }
    this.#handle();
  }

  /**
   * Reads on in the request body.
   *
   * @returns whether the phase has changed. @throws ProtocolError
   */
  advance(): boolean {
    switch (this.#phase) {
      case Handling:
      case Streaming:
        this.#readBody();
        return false;
      case Receiving:
        this.#readBody();
        if (this.request.body.isReadLate) return false;
        this.#goOn(this.#core.context.clock.now());
        return true;
      case Draining:
        return this.#drainBody();
      case Upgraded:
      case Over:
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  onDeadline(): void {
    switch (this.#phase) {
      case Handling:
      case Streaming:
        if (this.#isBodyAwaited) this.refuse(bodyTimeout());
        else if (this.#phase === Handling) this.#giveUpHandler();
        break;
      case Receiving:
        this.abort(new RequestAborted("the body took too long"));
        break;
      case Draining:
        this.#core.close();
        break;
      case Upgraded:
      case Over:
        break;
      default:
        this.#phase satisfies never;
    }
  }

  onShutdown(): void {
    this.request.drain();
    if (this.#phase !== Upgraded) return;
    this.request.abort(new RequestAborted("the worker is leaving"));
  }

  // --- calls of the handler

  /** Its reader has taken bytes of the body or waits for some. */
  onBodyRead(): void {
    const { request, watch } = this;
    if (!watch) return;
    if (watch.isAwaiting100 && this.#phase === Handling) {
      this.#core.transport.send(CONTINUE); // RFC 9110 §10.1.1
    }
    watch.endAwaiting100();
    this.#core.intake.resume(request.body, watch);
    if (this.#phase === Draining) return;
    this.#setDeadline();
    const isReceived = this.#phase === Receiving && !request.body.isReadLate;
    if (isReceived) this.#owner.onExchangeProgress();
  }

  onHandlerTimeoutChanged(): void {
    if (this.#phase === Handling) this.#setDeadline();
  }

  /** @returns whether the interim response was sent */
  sendInterim({ status, fields }: InterimResponse): boolean {
    const { transport } = this.#core;
    if (this.isHttp10 || this.#phase !== Handling) return false;
    if (!transport.canSend) return false;
    const isContinue = status === HttpStatus.Continue;
    if (isContinue && !this.watch?.isAwaiting100) return false;
    transport.send(encodeInterim(status, fields));
    if (!isContinue) return true;
    this.watch?.endAwaiting100();
    this.onBodyRead();
    return true;
  }

  /** Closes the connection after the response, or now if it has been sent. */
  closeAfterResponse(): void {
    if (this.#phase === Draining) this.#core.close();
    else this.option = "close";
  }

  /** Closes the connection without a response, or in the middle of one. */
  drop(): void {
    if ((this.#phase & IS_ABORTABLE) === 0) return;
    const reason = new RequestAborted("its handler dropped the client");
    // A response that is cut looks cut, unless the end of the connection ends
    // it. A reset would discard what is on its way.
    const isUnsent = this.#core.transport.unsentBytes > 0;
    const isReset = this.framing === "close" || isUnsent;
    if (this.#phase === Streaming && !isReset) {
      this.#core.close();
      this.end(reason);
    } else this.abort(reason);
  }

  // --- the request body

  /** @throws ProtocolError */
  #readBody(): void {
    if (!this.watch) return;
    this.#core.intake.feed(this.request.body, this.watch);
    this.#setDeadline();
  }

  /** @returns whether the exchange is over. @throws ProtocolError */
  #drainBody(): boolean {
    const { intake, reader, context } = this.#core;
    const { watch } = this;
    if (watch && !intake.drop(watch, this.#drainLimitBytes)) {
      this.#core.close();
    } else if (reader.isBodyDone) {
      this.request.body.end();
      this.#complete(context.clock.now());
      return true;
    }
    return false;
  }

  get #isBodyAwaited(): boolean {
    return !this.#core.reader.isBodyDone && this.watch?.isArriving === true;
  }

  /** For the next step of the client, or else of the handler. */
  #setDeadline(): void {
    const { deadlines } = this.#core;
    if (this.#isBodyAwaited) {
      deadlines.awaitBody(this.watch as BodyWatch);
    } else if (this.#phase === Handling) {
      deadlines.awaitHandler(this.request.handlerTimeoutMs);
    } else if (this.#phase === Receiving) {
      deadlines.awaitHandler(); // to read on
    } else deadlines.awaitNothing();
  }

  // --- the handler

  /**
   * RFC 9110 §7.4: an https URI must come over TLS, or from a trusted proxy.
   *
   * @throws ProtocolError 421
   */
  #checkScheme(): void {
    const isHttps = HTTPS.test(this.head.rawTarget);
    if (!isHttps || this.request.protocol === "https") return;
    if (this.#core.origin.isTrusted) return;
    const text = "an https URI on a connection without TLS";
    throw new ProtocolError(421, "target", text);
  }

  #handle(): void {
    const response = this.#core.context.handler(this.request);
    // Not `isThenable`: an app may bring another copy of this package.
    if (response instanceof Promise) this.#await(response);
    else if (this.#phase === Handling) this.#respond(response);
    else discardBody(response); // the handler has dropped the client
  }

  #await(responding: Promise<HttpResponse>): void {
    if (this.#phase !== Handling) return;
    this.#setDeadline();
    responding.then((response) => {
      // The client may have left or may have been refused.
      if (this.#phase === Handling) this.#respondLater(response);
      else discardBody(response);
    });
  }

  #giveUpHandler(): void {
    const { request } = this;
    const reason = new RequestAborted("the handler took too long");
    this.#core.context.observer.onHandlerTimeout(request);
    request.body.fail(reason);
    this.#respondLater(serviceUnavailable());
    request.abort(reason);
  }

  // --- the response

  #respondLater(response: HttpResponse): void {
    const { transport } = this.#core;
    transport.cork();
    this.#respond(response);
    transport.uncork();
    this.#notifyProgress();
  }

  #respond(response: HttpResponse): void {
    try {
      this.#send(response);
    } catch (error) {
      this.#core.context.observer.onResponseError(this.request, error);
      discardBody(response);
      this.#send(problem(500));
    }
  }

  /** @throws TypeError for a response that cannot be sent */
  #send(response: HttpResponse): void {
    const { context, sender, transport } = this.#core;
    this.status = response.status;
    if (response.status === HttpStatus.SwitchingProtocols) {
      this.#upgrade(response as UpgradeResponse);
      return;
    }
    formResponse(this, response, this.#core);
    this.answeredAt = context.clock.now();
    const { watch } = this;
    // A client that gets the response before a 100 does not send its body.
    if (watch?.isAwaiting100 && this.request.body.isReadLate) {
      transport.send(CONTINUE);
    }
    const sentBytes = sender.send(response, this);
    watch?.endAwaiting100();
    if (sentBytes === undefined) this.#stream(response);
    else this.#finish(sentBytes);
  }

  #stream(response: HttpResponse): void {
    const { context, sender } = this.#core;
    const isWanted = () => this.#phase === Streaming;
    this.#move(Streaming);
    this.#setDeadline();
    sender.stream(response, this.framing, isWanted).then(
      (bytes) => {
        if (bytes === undefined || !isWanted()) return;
        this.answeredAt = context.clock.now();
        this.#finish(bytes);
        this.#notifyProgress();
      },
      (error) => {
        if (!isWanted()) return;
        context.observer.onResponseError(this.request, error);
        this.abort(new RequestAborted("its response failed"));
      },
    );
  }

  /** @throws TypeError where the client did not ask for it */
  #upgrade({ takeSocket }: UpgradeResponse): void {
    if (this.head.upgrades.length === 0) {
      throw new TypeError("an upgrade that the client did not ask for");
    }
    const { context, deadlines, reader, transport } = this.#core;
    this.#move(Upgraded);
    deadlines.awaitNothing();
    const unread = reader.takeUnread();
    const socket = transport.handOver();
    this.answeredAt = context.clock.now();
    this.#report(0);
    promised(() => takeSocket(socket, unread)).catch((error) => {
      context.observer.onResponseError(this.request, error);
      transport.abort();
    });
  }

  #finish(responseBodyBytes: number): void {
    this.#report(responseBodyBytes);
    this.#goOn(this.answeredAt);
  }

  #report(responseBodyBytes: number): void {
    this.responseBodyBytes = responseBodyBytes;
    this.#core.context.observer.onResponse(this);
  }

  // --- after the response

  #goOn(now: number): void {
    const { reader, limits } = this.#core;
    const next = afterResponse(this, reader, limits);
    switch (next) {
      case "awaitRequest":
        this.#complete(now);
        break;
      case "receiveBody":
        this.#move(Receiving);
        this.#setDeadline();
        break;
      case "drainBody":
        this.#drain(now);
        break;
      case "close":
        if (!reader.isBodyDone) this.#cutBody();
        this.#end();
        this.#core.close();
        break;
      default:
        next satisfies never;
    }
  }

  /** Lets the next request follow. */
  #complete(now: number): void {
    this.#end();
    this.#core.awaitNextRequest(now);
  }

  #drain(now: number): void {
    const { deadlines, limits } = this.#core;
    this.request.body.passOver(responded());
    this.#move(Draining);
    this.#drainLimitBytes = this.requestBodyBytes + limits.maxUnreadBodyBytes;
    deadlines.awaitUnreadBody(now);
    this.#core.resumeReading();
  }

  /** Its reader must not take the bytes received so far for the whole body. */
  #cutBody(): void {
    const reason = responded();
    this.request.body.passOver(reason);
    this.request.body.fail(reason);
  }

  #notifyProgress(): void {
    if ((this.#phase & (Draining | Over)) !== 0) {
      this.#owner.onExchangeProgress();
    }
  }

  // --- the end

  /** Refuses the request: one response, and nothing after it. */
  refuse(error: ProtocolError): void {
    const { clock, observer } = this.#core.context;
    observer.onParseError(error.reason);
    // The body's reader gets the same error as the client.
    const reason = new HttpError(error.status, error.message);
    if (this.#phase !== Handling) {
      this.abort(reason);
      return;
    }
    const { request } = this;
    const now = clock.now();
    this.status = error.status;
    this.answeredAt = now;
    this.#report(this.#core.sender.sendRefusal(error, this.isHead, now));
    this.#end();
    this.#core.close();
    request.abort(reason);
    request.body.fail(reason);
  }

  /** Closes the connection; half a response must not look complete. */
  abort(reason: Error): void {
    if (this.#phase === Streaming) this.#core.reset();
    else this.#core.close();
    this.end(reason);
  }

  /** Called when the connection has been closed. */
  end(reason: Error): void {
    const phase = this.#phase;
    const { request } = this;
    this.#end();
    this.#core.sender.end();
    if ((phase & HAS_RESPONDED) !== 0) request.body.fail(reason);
    else request.abort(reason);
    const isUnanswered = (phase & IS_ABORTABLE) !== 0;
    if (isUnanswered) this.#core.context.observer.onAbort(request);
  }

  #end(): void {
    this.#move(Over);
    this.#owner.onExchangeEnd();
  }

  #move(to: ExchangePhase): void {
    this.#phase = movePhase(EXCHANGE_PHASES, this.#phase, to);
  }
}

/** As a promise, also where it throws. */
async function promised(call: () => void | Promise<void>): Promise<void> {
  await call();
}

function responded(): RequestAborted {
  return new RequestAborted("the request has been answered");
}

function bodyTimeout(): ProtocolError {
  return new ProtocolError(408, "body_timeout", "the body took too long");
}
