/**
 * The data and the phase of a request and its response, and how both end.
 *
 * Runs per request. It is also what the sender and the observer are given, so
 * that no other object need be created.
 */
import { RequestBody } from "../http/body/request-body.ts";
import { HttpError } from "../http/http-error.ts";
import { HttpRequest } from "../http/http-request.ts";
import { BodyIntake } from "./body/body-intake.ts";
import type { Exchange } from "./connection-context.ts";
import type { ConnectionCore } from "./connection-core.ts";
import { EXCHANGE_PHASES, ExchangePhase } from "./exchange-phase.ts";
import type { RequestHead } from "./head/request-head.ts";
import type { RespondedRequest } from "./persistence.ts";
import { movePhase } from "./phase-table.ts";
import type { ProtocolError } from "./protocol-error.ts";
import type {
  ConnectionOption,
  ResponseForm,
  ResponseFraming,
} from "./response-encoder.ts";

const { Handling, Streaming, Receiving, Draining, Over } = ExchangePhase;

const IS_RESPONDING = Handling | Streaming;
const HAS_RESPONDED = Receiving | Draining;

export class ExchangeState implements Exchange, RespondedRequest, ResponseForm {
  protected readonly core: ConnectionCore;
  readonly head: RequestHead;
  readonly request: HttpRequest;
  /** Undefined for a request without a body. */
  readonly intake: BodyIntake | undefined;
  /** When the head was complete, in monotonic milliseconds. */
  readonly startedAt: number;
  #phase: ExchangePhase = Handling;
  // --- the response
  status = 0;
  framing: ResponseFraming = "none";
  option: ConnectionOption = undefined;
  /** When it began, later when it ended, in monotonic milliseconds. */
  answeredAt = 0;
  responseBodyBytes = 0;

  constructor(head: RequestHead, core: ConnectionCore) {
    const { owner } = core;
    const now = core.now();
    const { method, target, rawTarget, httpVersion, headers } = head;
    const { framing, upgrades } = head;
    const length = framing === "chunked" ? undefined : framing;
    const body = framing === 0 ? undefined : new RequestBody(owner, length);
    this.core = core;
    this.head = head;
    this.startedAt = now;
    this.intake = body && new BodyIntake(core, body, now);
    this.request = new HttpRequest({
      method,
      target,
      rawTarget,
      httpVersion,
      headers,
      upgrades,
      server: owner,
      origin: core.origin,
      body,
    });
  }

  get phase(): ExchangePhase {
    return this.#phase;
  }

  get seconds(): number {
    return (this.answeredAt - this.startedAt) / 1000;
  }

  /** Received so far. */
  get requestBodyBytes(): number {
    return this.intake?.receivedBytes ?? 0;
  }

  get isAwaiting100(): boolean {
    return this.intake?.isAwaiting100 ?? false;
  }

  get isHead(): boolean {
    return this.head.method === "HEAD";
  }

  get isHttp10(): boolean {
    return this.head.httpVersion === "1.0";
  }

  protected move(to: ExchangePhase): void {
    this.#phase = movePhase(EXCHANGE_PHASES, this.#phase, to);
  }

  /** Reports the response to the observer, when all of it has been sent. */
  protected report(responseBodyBytes: number): void {
    this.responseBodyBytes = responseBodyBytes;
    this.core.context.observer.onResponse(this);
  }

  /** The response and all that belongs to it are complete. */
  protected complete(): void {
    this.move(Over);
    this.core.owner.onExchangeEnd();
  }

  /** Refuses the request: one response, and nothing after it. */
  refuse(error: ProtocolError): void {
    const { context, sender, transport } = this.core;
    context.observer.onParseError(error.reason);
    context.onRefused?.(error, transport.clientSocket);
    // The body's reader gets the same error as the client.
    const reason = new HttpError(error.status, error.message);
    if (this.#phase !== Handling) {
      this.abort(reason);
      return;
    }
    const now = context.clock.now();
    this.status = error.status;
    this.answeredAt = now;
    this.report(sender.sendRefusal(error, this.isHead, now));
    this.complete();
    this.core.close();
    this.request.abort(reason);
    this.request.body.fail(reason);
  }

  /** Closes the connection; half a response must not look complete. */
  abort(reason: Error): void {
    if (this.#phase === Streaming) this.core.reset();
    else this.core.close();
    this.onConnectionClosed(reason);
  }

  onConnectionClosed(reason: Error): void {
    const phase = this.#phase;
    const { request } = this;
    this.complete();
    this.core.sender.end();
    if ((phase & HAS_RESPONDED) !== 0) request.body.fail(reason);
    else request.abort(reason);
    const isUnanswered = (phase & IS_RESPONDING) !== 0;
    if (isUnanswered) this.core.context.observer.onAbort(request);
  }
}
