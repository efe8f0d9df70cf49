/**
 * One HTTP/1.1 connection: one request at a time, responses in order. Reads
 * heads and begins an exchange for each; what belongs to one request is in
 * `request-exchange.ts`.
 *
 * Runs per request: all responses that one chunk produced leave in one write.
 */
import type { Duplex } from "node:stream";
import { RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { Companion, InterimResponse } from "../http/request-server.ts";
import type { Protocol, Transport } from "../net/protocol.ts";
import type {
  ConnectionContext,
  RequestHandover,
} from "./connection-context.ts";
import { ConnectionCore } from "./connection-core.ts";
import { ConnectionPhase } from "./connection-phase.ts";
import type { ExchangeOwner } from "./exchange-owner.ts";
import { encodeHead, type RequestHead } from "./head/request-head.ts";
import { ProtocolError } from "./protocol-error.ts";
import { RequestExchange } from "./request-exchange.ts";

const { Idle, Head, Exchange, Closed } = ConnectionPhase;

/** Unread bytes of a pipeline when reading pauses. */
const MAX_PIPELINED_BYTES = 65_536;

export class Http1Connection implements Protocol, ExchangeOwner {
  readonly #core: ConnectionCore;
  companion: Companion | undefined = undefined;
  /** Guards against advancing within `#advance`. */
  #isAdvancing = false;
  #exchange: RequestExchange | undefined = undefined;

  constructor(transport: Transport, context: ConnectionContext) {
    this.#core = new ConnectionCore({ transport, context, owner: this });
    this.#core.deadlines.awaitRequest();
  }

  get isIdle(): boolean {
    return (this.#core.phase & (Idle | Closed)) !== 0;
  }

  // --- events of the transport

  onData(chunk: Buffer): void {
    const core = this.#core;
    if (core.phase === Closed) return;
    core.reader.append(chunk);
    this.#advance();
    core.reader.keepUnread();
    // A head that is incomplete has a limit of its own.
    const isAhead = core.phase !== Head;
    if (isAhead && core.reader.unreadBytes > MAX_PIPELINED_BYTES) {
      core.pauseReading();
    }
  }

  onEnd(): void {
    const core = this.#core;
    core.hasPeerEnded = true;
    if (core.phase === Closed) return;
    if (!this.#exchange) core.close();
    else if (core.reader.isBodyDone) this.#exchange.request.clientEnded();
    // An incomplete request is never handled as if it were complete.
    else this.#exchange.abort(new RequestAborted("the client ended its body"));
  }

  onWritable(): void {
    const { sender, phase } = this.#core;
    sender.onWritable();
    if ((phase & (Idle | Head)) !== 0) this.#advance();
  }

  onDeadline(): void {
    const { phase } = this.#core;
    switch (phase) {
      case Idle:
        this.#core.close();
        break;
      case Head:
        this.#refuse(
          new ProtocolError(408, "head_timeout", "the head took too long"),
        );
        break;
      case Exchange:
        this.#exchange?.onDeadline();
        break;
      case Closed:
        break;
      default:
        phase satisfies never;
    }
  }

  onShutdown(lingerMs: number): void {
    const core = this.#core;
    core.isLeaving = true;
    core.deadlines.linger(lingerMs);
    if (core.phase === Idle && !core.isReadingPaused) {
      core.deadlines.awaitRequest();
    }
    this.#exchange?.onShutdown();
  }

  onClose(error?: Error): void {
    if (this.#core.phase !== Closed) this.#core.move(Closed);
    // Errors are expensive and most connections end without a request.
    if (this.#exchange) {
      const message = error?.message ?? "the client left";
      this.#exchange.onConnectionClosed(new RequestAborted(message));
    }
    this.companion?.onConnectionClosed();
    this.#core.reader.close();
  }

  // --- calls of the handler

  get isLeaving(): boolean {
    return this.#core.isLeaving;
  }

  get clientSocket(): Duplex | undefined {
    return this.#core.transport.clientSocket;
  }

  get unsentBytes(): number {
    return this.#core.transport.unsentBytes;
  }

  whenSent(callback: (error?: Error | null) => void): void {
    this.#core.transport.whenSent(callback);
  }

  onHandlerTimeoutChanged(): void {
    this.#exchange?.onHandlerTimeoutChanged();
  }

  onInterim(request: HttpRequest, interim: InterimResponse): boolean {
    return this.#exchangeOf(request)?.sendInterim(interim) ?? false;
  }

  onBodyRead(): void {
    this.#exchange?.onBodyRead();
  }

  onDrop(request: HttpRequest): void {
    this.#exchangeOf(request)?.drop();
  }

  closeSoon(): void {
    if (this.#core.phase === Closed) return;
    if (this.#exchange) this.#exchange.closeAfterResponse();
    else this.#core.close();
  }

  reset(): void {
    this.#core.transport.abort();
  }

  /** Undefined for a request that is over. */
  #exchangeOf(request: HttpRequest): RequestExchange | undefined {
    const exchange = this.#exchange;
    return exchange?.request === request ? exchange : undefined;
  }

  // --- events of the exchange

  onExchangeEnd(): void {
    this.#exchange = undefined;
  }

  onExchangeProgress(): void {
    if (this.#core.phase !== Closed) this.#advance();
  }

  // --- reading

  /** Reads as far as the bytes, the handler and the client's reading allow. */
  #advance(): void {
    if (this.#isAdvancing) return;
    const { transport } = this.#core;
    this.#isAdvancing = true;
    transport.cork();
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    } finally {
      this.#isAdvancing = false;
      this.#core.freshTime = undefined;
      transport.uncork();
    }
  }

  /** @returns whether another step is possible. @throws ProtocolError */
  #step(): boolean {
    const { phase } = this.#core;
    switch (phase) {
      case Idle:
      case Head:
        return this.#readHead();
      case Exchange:
        return this.#exchange?.advance() ?? false;
      case Closed:
        return false;
      default:
        return phase satisfies never;
    }
  }

  #readHead(): boolean {
    const { deadlines, reader, transport } = this.#core;
    if (!transport.canSend) {
      // A client that does not read its responses gets no more of them. The
      // transport has a deadline of its own for that.
      this.#core.pauseReading();
      deadlines.awaitNothing();
      return false;
    }
    const head = reader.readHead();
    if (head) this.#begin(head);
    else this.#awaitHead();
    return head !== undefined;
  }

  #awaitHead(): void {
    const core = this.#core;
    const { deadlines, freshTime, isReadingPaused, reader } = core;
    const hasBegun = reader.isInHead && core.phase === Idle;
    if (hasBegun) core.move(Head);
    if (hasBegun || isReadingPaused || freshTime !== undefined) {
      if (core.phase === Head) deadlines.awaitHead();
      else deadlines.awaitRequest(freshTime);
    }
    if (core.hasPeerEnded) core.close();
    else core.resumeReading();
  }

  /** @throws ProtocolError */
  #begin(head: RequestHead): void {
    const core = this.#core;
    const { handover } = core.context;
    const session = handover?.foreignSession(head);
    if (handover && session !== undefined) {
      this.#handOver(head, session, handover);
      return;
    }
    const exchange = new RequestExchange(head, core);
    this.#exchange = exchange;
    core.requestCount++;
    core.move(Exchange);
    exchange.begin();
  }

  /** Gives the connection away, with the request that it begins. */
  #handOver(
    head: RequestHead,
    session: string,
    handover: RequestHandover,
  ): void {
    const { reader, transport } = this.#core;
    const bytes = Buffer.concat([encodeHead(head), reader.takeUnread()]);
    this.#core.move(Closed);
    reader.close();
    transport.detach((connection) => {
      handover.handOver(session, bytes, connection);
    });
  }

  #refuse(error: ProtocolError): void {
    if (this.#exchange) {
      this.#exchange.refuse(error);
      return;
    }
    const { context, reader, sender, transport } = this.#core;
    context.observer.onParseError(error.reason);
    sender.sendRefusal(error, reader.isForHead, context.clock.now());
    context.onRefused?.(error, transport.clientSocket);
    this.#core.close();
  }
}
