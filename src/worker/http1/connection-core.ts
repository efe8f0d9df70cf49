/**
 * The parts and facts that a connection and its exchanges share, for as long as
 * the connection lasts.
 */
import type { Origin } from "../http/forwarded/client.ts";
import { Origins } from "../http/forwarded/origins.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { UpgradeResponse } from "../http/upgrade-response.ts";
import type { Transport } from "../net/protocol.ts";
import type {
  ConnectionContext,
  ConnectionLimits,
} from "./connection-context.ts";
import { CONNECTION_PHASES, ConnectionPhase } from "./connection-phase.ts";
import { Deadlines } from "./deadlines.ts";
import type { ExchangeOwner } from "./exchange-owner.ts";
import type { ConnectionFacts } from "./persistence.ts";
import { movePhase } from "./phase-table.ts";
import { ReadGate } from "./read-gate.ts";
import { RequestReader } from "./request-reader.ts";
import { ResponseSender } from "./response-sender.ts";

/** For clients whose address a proxy did not pass on. */
const UNTRUSTED = new Origins();

export interface ConnectionInit {
  readonly transport: Transport;
  readonly context: ConnectionContext;
  readonly owner: ExchangeOwner;
}

export class ConnectionCore implements ConnectionFacts {
  readonly transport: Transport;
  readonly context: ConnectionContext;
  readonly reader: RequestReader;
  readonly deadlines: Deadlines;
  readonly sender: ResponseSender;
  /** Serves its requests and their exchanges. */
  readonly owner: ExchangeOwner;
  requestCount = 0;
  /** Whether the worker is draining. */
  isLeaving = false;
  /** Whether the client has half-closed the connection. */
  hasPeerEnded = false;
  /** When the last response was sent, while the next head is looked for. */
  freshTime: number | undefined = undefined;
  #phase: ConnectionPhase = ConnectionPhase.Idle;
  /** Created on demand: most connections never pause. */
  #gate: ReadGate | undefined = undefined;
  #origin: Origin | undefined = undefined;

  constructor({ transport, context, owner }: ConnectionInit) {
    this.transport = transport;
    this.owner = owner;
    this.context = context;
    const { parsers, clock, limits, serverField } = context;
    this.reader = new RequestReader(parsers);
    this.deadlines = new Deadlines(transport, limits, clock);
    this.sender = new ResponseSender(transport, serverField);
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  move(to: ConnectionPhase): void {
    this.#phase = movePhase(CONNECTION_PHASES, this.#phase, to);
  }

  /** The exchange is over: another request may follow. */
  awaitNextRequest(now: number): void {
    this.reader.endBody();
    this.move(ConnectionPhase.Idle);
    this.freshTime = now;
  }

  /** The time, or that of the response just sent: saves calls of the clock. */
  now(): number {
    return this.freshTime ?? this.context.clock.now();
  }

  get limits(): ConnectionLimits {
    return this.context.limits;
  }

  get isEnding(): boolean {
    if (this.context.readiness.isClosing) return true;
    return this.isLeaving || this.hasPeerEnded;
  }

  get origin(): Origin {
    this.#origin ??= this.#findOrigin();
    return this.#origin;
  }

  #findOrigin(): Origin {
    const { transport } = this;
    const protocol = transport.isClientEncrypted ? "https" : "http";
    const origins = transport.isClientUnknown
      ? UNTRUSTED
      : this.context.origins;
    return origins.of(transport.remoteAddress, protocol);
  }

  // --- reading

  get gate(): ReadGate {
    this.#gate ??= new ReadGate(this.transport, this.context.clock);
    return this.#gate;
  }

  get isReadingPaused(): boolean {
    return this.#gate?.isClosed ?? false;
  }

  pauseReading(): void {
    this.gate.close();
  }

  resumeReading(): void {
    this.#gate?.open();
  }

  // --- the end

  /** Gives the socket and the unread bytes to the handler of an upgrade. */
  giveSocket({ takeSocket }: UpgradeResponse, request: HttpRequest): void {
    this.deadlines.awaitNothing();
    const unread = this.reader.takeUnread();
    const socket = this.transport.handOver();
    promised(() => takeSocket(socket, unread)).catch((error) => {
      this.context.observer.onResponseError(request, error);
      this.transport.abort();
    });
  }

  /** Sends what is queued, then closes. */
  close(): void {
    this.move(ConnectionPhase.Closed);
    this.reader.close();
    this.transport.close();
  }

  /** Resets the connection: the client sees that a response is incomplete. */
  reset(): void {
    this.transport.abort(); // before `move`: an idle connection is not reset
    this.move(ConnectionPhase.Closed);
    this.reader.close();
  }
}

/** As a promise, also where it throws. */
async function promised(call: () => void | Promise<void>): Promise<void> {
  await call();
}
