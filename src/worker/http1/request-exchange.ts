/**
 * The course of one request and its response on a connection. Bytes, time and
 * the handler can each end a phase: see `exchange-phase.ts`.
 *
 * Runs per request: a response that the handler returns at once costs no
 * promise.
 */
import { discardBody } from "../http/body/chunk-source.ts";
import { RequestAborted } from "../http/http-error.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { HttpStatus } from "../http/http-status.ts";
import type { InterimResponse } from "../http/request-server.ts";
import { problem, serviceUnavailable } from "../http/response-helpers.ts";
import type { UpgradeResponse } from "../http/upgrade-response.ts";
import type { BodyIntake } from "./body/body-intake.ts";
import { ExchangePhase } from "./exchange-phase.ts";
import { ExchangeState } from "./exchange-state.ts";
import { afterResponse, formResponse, persists } from "./persistence.ts";
import { ProtocolError } from "./protocol-error.ts";
import { CONTINUE, encodeInterim } from "./response-encoder.ts";

const { Handling, Streaming, Receiving, Draining, Upgraded, Over } =
  ExchangePhase;

const HTTPS = /^https:/i;

export class RequestExchange extends ExchangeState {
  // --- events of the connection

  /** @throws ProtocolError, 421 among others */
  begin(): void {
    const { head, intake } = this;
    this.core.context.observer.onRequest();
    if (head.rawTarget !== head.target) this.#checkScheme();
    if (intake) {
      intake.begin(head);
      this.#setDeadline();
    }
    this.#handle();
  }

  /**
   * RFC 9110 §7.4: an https URI must come over TLS, or from a trusted proxy.
   *
   * @throws ProtocolError 421
   */
  #checkScheme(): void {
    const isHttps = HTTPS.test(this.head.rawTarget);
    if (!isHttps || this.request.protocol === "https") return;
    if (this.core.origin.isTrusted) return;
    const text = "an https URI on a connection without TLS";
    throw new ProtocolError(421, "target", text);
  }

  /**
   * Reads on in the request body.
   *
   * @returns whether the phase has changed. @throws ProtocolError
   */
  advance(): boolean {
    switch (this.phase) {
      case Handling:
      case Streaming:
        this.#readBody();
        return false;
      case Receiving:
        this.#readBody();
        if (this.request.body.isReadLate) return false;
        this.#goOn(this.core.context.clock.now());
        return true;
      case Draining:
        return this.#drainBody();
      case Upgraded:
      case Over:
        return false;
      default:
        return this.phase satisfies never;
    }
  }

  onDeadline(): void {
    switch (this.phase) {
      case Handling:
      case Streaming:
        if (this.intake?.isArriving) {
          const text = "the body took too long";
          this.refuse(new ProtocolError(408, "body_timeout", text));
        } else if (this.phase === Handling) this.#giveUpHandler();
        break;
      case Receiving:
        this.abort(new RequestAborted("the body took too long"));
        break;
      case Draining:
        this.core.close();
        break;
      case Upgraded:
      case Over:
        break;
      default:
        this.phase satisfies never;
    }
  }

  onShutdown(): void {
    this.request.drain();
    if (this.phase !== Upgraded) return;
    this.request.abort(new RequestAborted("the worker is leaving"));
  }

  // --- calls of the handler

  /** Its reader has taken bytes of the body or waits for some. */
  onBodyRead(): void {
    if (!this.intake) return;
    if (this.isAwaiting100 && this.phase === Handling) {
      this.core.transport.send(CONTINUE); // RFC 9110 §10.1.1
    }
    this.intake.onRead();
    if (this.phase === Draining) return;
    this.#setDeadline();
    const { isReadLate } = this.request.body;
    const isReceived = this.phase === Receiving && !isReadLate;
    if (isReceived) this.core.owner.onExchangeProgress();
  }

  onHandlerTimeoutChanged(): void {
    if (this.phase === Handling) this.#setDeadline();
  }

  /** @returns whether the interim response was sent */
  sendInterim({ status, fields }: InterimResponse): boolean {
    const { transport } = this.core;
    if (this.isHttp10 || this.phase !== Handling) return false;
    if (!transport.canSend) return false;
    const isContinue = status === HttpStatus.Continue;
    if (isContinue && !this.isAwaiting100) return false;
    transport.send(encodeInterim(status, fields));
    if (!isContinue) return true;
    this.intake?.endAwaiting100();
    this.onBodyRead();
    return true;
  }

  /** Closes the connection after the response, or now if it has been sent. */
  closeAfterResponse(): void {
    if (this.phase === Draining) this.core.close();
    else this.option = "close";
  }

  /** Closes the connection without a response, or in the middle of one. */
  drop(): void {
    const { core, phase } = this;
    if (phase !== Handling && phase !== Streaming) return;
    const reason = new RequestAborted("its handler dropped the client");
    // The client sees that a response was cut, unless it ends with the
    // connection. A reset would discard bytes that are on their way.
    const isCutVisible =
      this.framing !== "close" && core.transport.unsentBytes === 0;
    if (phase === Streaming && isCutVisible) {
      core.close();
      this.onConnectionClosed(reason);
    } else this.abort(reason);
  }

  // --- the request body

  /** @throws ProtocolError */
  #readBody(): void {
    if (!this.intake) return;
    this.intake.feed();
    this.#setDeadline();
  }

  /** @returns whether the exchange is over. @throws ProtocolError */
  #drainBody(): boolean {
    const drained = this.intake?.drain();
    if (drained === "tooLong") this.core.close();
    if (drained !== "complete") return false;
    this.#awaitNextRequest(this.core.context.clock.now());
    return true;
  }

  /** For the next step of the client, or else of the handler. */
  #setDeadline(): void {
    const { deadlines } = this.core;
    if (this.intake?.isArriving) {
      this.intake.setDeadline();
    } else if (this.phase === Handling) {
      deadlines.awaitHandler(this.request.handlerTimeoutMs);
    } else if (this.phase === Receiving) {
      deadlines.awaitHandler(); // to read on
    } else deadlines.awaitNothing();
  }

  // --- the handler

  #handle(): void {
    const response = this.core.context.handler(this.request);
    // Not `instanceof HttpResponse`: an app may bring a copy of this package.
    if (response instanceof Promise) this.#await(response);
    else if (this.phase === Handling) this.#respond(response);
    else discardBody(response); // the handler has dropped the client
  }

  #await(responding: Promise<HttpResponse>): void {
    if (this.phase !== Handling) return;
    this.#setDeadline();
    responding.then((response) => {
      // The client may have left or may have been refused.
      if (this.phase === Handling) this.#respondLater(response);
      else discardBody(response);
    });
  }

  #giveUpHandler(): void {
    const { request } = this;
    const reason = new RequestAborted("the handler took too long");
    this.core.context.observer.onHandlerTimeout(request);
    request.body.fail(reason);
    this.#respondLater(serviceUnavailable());
    request.abort(reason);
  }

  // --- the response

  #respondLater(response: HttpResponse): void {
    const { transport } = this.core;
    transport.cork();
    this.#respond(response);
    transport.uncork();
    this.#notifyProgress();
  }

  #respond(response: HttpResponse): void {
    try {
      this.#send(response);
    } catch (error) {
      this.core.context.observer.onResponseError(this.request, error);
      discardBody(response);
      this.#send(problem(500));
    }
  }

  /** @throws TypeError for a response that cannot be sent */
  #send(response: HttpResponse): void {
    this.status = response.status;
    if (response.status === HttpStatus.SwitchingProtocols) {
      this.#upgrade(response as UpgradeResponse);
      return;
    }
    formResponse(this, response, this.core);
    this.answeredAt = this.core.context.clock.now();
    if (this.intake) this.#endAwaiting100(this.intake);
    const sentBytes = this.core.sender.send(response, this);
    if (sentBytes === undefined) this.#stream(response);
    else this.#finish(sentBytes);
  }

  /** A client that gets the response before a 100 does not send its body. */
  #endAwaiting100(intake: BodyIntake): void {
    const needsContinue = intake.isAwaiting100 && this.request.body.isReadLate;
    if (needsContinue) this.core.transport.send(CONTINUE);
    intake.endAwaiting100();
  }

  #stream(response: HttpResponse): void {
    const { context, sender } = this.core;
    const isWanted = () => this.phase === Streaming;
    const stream = () => sender.stream(response, this.framing, isWanted);
    const { span } = this.request;
    this.move(Streaming);
    this.#setDeadline();
    (span ? span.run(stream) : stream()).then(
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
  #upgrade(response: UpgradeResponse): void {
    const { method, upgrades } = this.head;
    if (upgrades.length === 0 && method !== "CONNECT") {
      throw new TypeError("an upgrade that the client did not ask for");
    }
    this.move(Upgraded);
    this.answeredAt = this.core.context.clock.now();
    this.report(0);
    const { core, request } = this;
    const give = () => core.giveSocket(response, request);
    if (request.span) request.span.run(give);
    else give();
  }

  #finish(responseBodyBytes: number): void {
    this.report(responseBodyBytes);
    this.#goOn(this.answeredAt);
  }

  // --- after the response

  #goOn(now: number): void {
    const { reader } = this.core;
    if (persists(this, reader)) this.#awaitNextRequest(now);
    else this.#readRestOrClose(now);
  }

  #readRestOrClose(now: number): void {
    const { reader, deadlines, limits } = this.core;
    const next = afterResponse(this, reader, limits);
    switch (next) {
      case "receiveBody":
        this.move(Receiving);
        this.#setDeadline();
        break;
      case "drainBody":
        this.move(Draining);
        this.intake?.beginDraining(responded());
        deadlines.awaitUnreadBody(now);
        break;
      case "close":
        if (!reader.isBodyDone) this.intake?.cut(responded());
        this.complete();
        this.core.close();
        break;
      default:
        next satisfies never;
    }
  }

  #awaitNextRequest(now: number): void {
    this.complete();
    this.core.awaitNextRequest(now);
  }

  #notifyProgress(): void {
    const mayGoOn = this.phase === Draining || this.phase === Over;
    if (mayGoOn) this.core.owner.onExchangeProgress();
  }
}

function responded(): RequestAborted {
  return new RequestAborted("the request has been answered");
}
