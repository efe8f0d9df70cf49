/** Runs per chunk: nothing is allocated. */
import type { Socket } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import { detachHandle } from "../../shared/node-internals/detach-handle.ts";
import { readWhilePaused } from "../../shared/node-internals/paused-socket.ts";
import { resetFlow } from "../../shared/node-internals/unread-stream.ts";
import { wireOf } from "../../shared/node-internals/wire-of.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { DeadlineHolder, DeadlineWheel } from "./deadline-wheel.ts";
import { UNFILED } from "./deadline-wheel.ts";
import type { FairScheduler, Yielder } from "./fair-scheduler.ts";
import { remoteAddress } from "./peer-address.ts";
import type {
  DetachedConnection,
  Protocol,
  ProtocolFactory,
  Transport,
} from "./protocol.ts";
import { proxyHeaderOf } from "./proxy-protocol/proxied-socket.ts";
import {
  changeReadBuffer,
  ownSocket,
  releaseStream,
  type SocketOwner,
} from "./socket-owner.ts";
import { SocketWriter, type SocketWriterOwner } from "./socket-writer.ts";
import { TimeSlice } from "./time-slice.ts";
import { WriteTimeout } from "./write-timeout.ts";

/** Shared by all connections of a listener. */
export interface TransportContext {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly scheduler: FairScheduler;
  readonly writeTimeoutMs: number;
  readonly lingeringCloseTimeoutMs: number;
  /** All was sent, FIN included: what still comes is discarded. */
  readonly onLingering: (transport: SocketTransport) => void;
  readonly onClosed: (transport: SocketTransport) => void;
}

/** After a read of this size (a full TLS record) more data may be waiting. */
const FULL_READ_BYTES = 16_384;
const NEVER = Number.POSITIVE_INFINITY;

/**
 *   state      | the connection                       | event that ends it
 *   open       | is driven by its protocol            | close(), handOver()
 *   finishing  | sends what is queued, then FIN       | FIN sent
 *   lingering  | discards input until the peer's FIN  | socket closed
 *   handedOver | belongs to the app                   | socket closed
 *   detaching  | sends what is queued                 | detached, socket closed
 *   closed     | is gone                              |
 */
type State =
  | "open"
  | "finishing"
  | "lingering"
  | "handedOver"
  | "detaching"
  | "closed";

const TRANSITIONS: TransitionTable<State> = {
  open: ["finishing", "handedOver", "detaching", "closed"],
  finishing: ["lingering", "closed"],
  lingering: ["closed"],
  handedOver: ["closed"],
  detaching: ["closed"],
  closed: [],
};

/**
 *   buffer | the chunk at hand was read into     | the next one goes into
 *   shared | the buffer of all connections       | the same
 *   wanted | the same, but had to be kept        | a buffer of its own
 *   own    | a buffer of its own                 | the shared one
 *   kept   | a buffer of its own, which is kept  | another one of its own
 */
type ReadBuffer = "shared" | "wanted" | "own" | "kept";

const READ_BUFFER_TRANSITIONS: TransitionTable<ReadBuffer> = {
  shared: ["wanted"],
  wanted: ["own", "shared"],
  own: ["kept", "shared"],
  kept: ["own"],
};

/** A connection over a `node:net` (or `node:tls`) socket. */
export class SocketTransport
  implements Transport, SocketOwner, DeadlineHolder, Yielder, SocketWriterOwner
{
  readonly isEncrypted: boolean;
  readonly #socket: Socket;
  /** The socket beneath TLS, otherwise the same: the kernel's connection. */
  readonly #wire: Socket;
  readonly #context: TransportContext;
  readonly #protocol: Protocol;
  readonly #writer: SocketWriter;
  readonly #slice: TimeSlice;
  #state: State = "open";
  #remoteAddress: string | undefined = undefined;
  #error: Error | undefined = undefined;
  /** Whether the protocol has paused reading; yielding pauses it as well. */
  #isReadingPaused = false;
  #readBuffer: ReadBuffer = "shared";
  #protocolDeadlineAt = NEVER;
  /** Made when a write first has to wait. */
  #writeTimeout: WriteTimeout | undefined = undefined;
  wheelTick = UNFILED;

  /**
   * @param socket created with `allowHalfOpen`; without TLS also with
   * `onSocketRead`
   */
  constructor(
    socket: Socket,
    context: TransportContext,
    factory: ProtocolFactory,
  ) {
    this.#socket = socket;
    this.#wire = wireOf(socket);
    this.isEncrypted = this.#wire !== socket;
    this.#context = context;
    this.#writer = new SocketWriter(socket, this);
    this.#slice = new TimeSlice(context.scheduler);
    this.#protocol = factory(this);
    ownSocket(socket, this, this.isEncrypted ? "byEvents" : "pastBuffer");
  }

  get protocol(): Protocol {
    return this.#protocol;
  }

  get clientSocket(): Socket | undefined {
    const { type } = proxyHeaderOf(this.#wire)?.source ?? { type: "peer" };
    return type === "peer" ? this.#socket : undefined;
  }

  /** Whether dropping the connection now would lose nothing. */
  get isIdle(): boolean {
    if (this.#state === "lingering") return true;
    return this.#protocol.isIdle && this.#socket.writableLength === 0;
  }

  /** Whether it belongs to the app, as after an upgrade. */
  get isHandedOver(): boolean {
    return this.#state === "handedOver";
  }

  /** Cached, because the socket forgets the address when it closes. */
  get remoteAddress(): string | undefined {
    this.#remoteAddress ??= remoteAddress(this.#wire);
    return this.#remoteAddress;
  }

  get isClientEncrypted(): boolean {
    if (this.isEncrypted) return true;
    return proxyHeaderOf(this.#wire)?.isClientEncrypted === true;
  }

  get isClientUnknown(): boolean {
    return proxyHeaderOf(this.#wire)?.source.type === "peer";
  }

  get canSend(): boolean {
    return this.#hasRoom && this.#mayContinue();
  }

  get #hasRoom(): boolean {
    return this.#state === "open" && !this.#socket.writableNeedDrain;
  }

  get unsentBytes(): number {
    return this.#writer.unsentBytes;
  }

  whenSent(callback: (error?: Error | null) => void): void {
    this.#writer.whenSent(callback);
  }

  send(bytes: string | Uint8Array): void {
    if (this.#state !== "open") return;
    this.#slice.countSent(bytes.length);
    this.#writer.send(bytes);
  }

  cork(): void {
    this.#writer.cork();
  }

  uncork(): void {
    this.#writer.uncork();
  }

  mayKeepBytes(): boolean {
    if (this.isEncrypted) return true; // each chunk has a buffer of its own
    switch (this.#readBuffer) {
      case "shared":
        this.#moveReadBuffer("wanted");
        return false;
      case "wanted":
        return false;
      case "own":
        this.#moveReadBuffer("kept");
        return true;
      case "kept":
        return true;
      default:
        return this.#readBuffer satisfies never;
    }
  }

  pauseReading(): void {
    this.#isReadingPaused = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#isReadingPaused = false;
    if (!this.#slice.hasYielded) this.#socket.resume();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.uncork();
    this.#move("finishing");
    this.#protocolDeadlineAt = NEVER;
    this.#armWriteTimeout();
    this.#socket.end();
    this.#socket.resume();
  }

  abort(): void {
    if (this.#state === "closed") return;
    if (this.isIdle) this.#socket.destroy();
    else reset(this.#wire);
  }

  handOver(): Socket {
    this.uncork();
    this.#move("handedOver");
    this.#protocolDeadlineAt = NEVER;
    this.#writeTimeout?.disarm();
    this.#context.wheel.remove(this);
    const socket = this.#socket;
    releaseStream(socket);
    readWhilePaused(socket);
    // Neither flowing nor paused: data waits for the first listener.
    resetFlow(socket);
    return socket;
  }

  detach(take: (connection: DetachedConnection) => void): void {
    this.#move("detaching");
    this.#protocolDeadlineAt = NEVER;
    this.#socket.pause();
    this.#writer.whenSent((error) => {
      if (error || this.#state !== "detaching") return;
      const proxyHeader = proxyHeaderOf(this.#wire);
      const handle = detachHandle(this.#socket);
      if (handle) take({ handle, proxyHeader });
    });
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  #moveReadBuffer(to: ReadBuffer): void {
    this.#readBuffer = transition(
      READ_BUFFER_TRANSITIONS,
      this.#readBuffer,
      to,
    );
  }

  // --- deadlines

  get deadlineAt(): number {
    const checkAt = this.#writeTimeout?.nextCheckAt ?? NEVER;
    return Math.min(this.#protocolDeadlineAt, checkAt);
  }

  set deadlineAt(at: number) {
    const isEarlier = at < this.#protocolDeadlineAt;
    this.#protocolDeadlineAt = at;
    if (isEarlier) this.#context.wheel.file(this);
  }

  onDeadlinePassed(now: number): void {
    const timeout = this.#writeTimeout;
    const isCheckDue = (timeout?.nextCheckAt ?? NEVER) <= now;
    if (isCheckDue && timeout?.check(now)) this.abort();
    if (this.#protocolDeadlineAt <= now) this.#onProtocolDeadline();
    if (this.#state !== "closed") this.#context.wheel.file(this);
  }

  #onProtocolDeadline(): void {
    this.#protocolDeadlineAt = NEVER; // until the protocol sets another one
    if (this.#state === "lingering") this.abort();
    else if (this.#state === "open") this.#protocol.onDeadline();
  }

  #armWriteTimeout(): void {
    const { clock, wheel, writeTimeoutMs } = this.#context;
    this.#writeTimeout ??= new WriteTimeout(this.#wire, writeTimeoutMs);
    this.#writeTimeout.arm(clock.now());
    wheel.file(this);
  }

  // --- fair scheduling

  /** Counts a step; yields if the connection must not continue now. */
  #mayContinue(): boolean {
    if (this.#slice.hasYielded) return false;
    if (this.#slice.step()) return true;
    this.#yield();
    return false;
  }

  #yield(): void {
    this.#slice.yield(this);
    this.#socket.pause();
  }

  onTimeSlice(): void {
    this.#slice.resume();
    if (this.#state !== "open") return;
    if (!this.#isReadingPaused) this.#socket.resume();
    if (this.#hasRoom) this.#protocol.onWritable();
  }

  // --- called from the socket

  /** @returns whether there is room for more */
  onData(chunk: Buffer): boolean {
    if (this.#state === "open") this.#receive(chunk);
    else if (this.#state === "handedOver") {
      return this.#socket.push(Buffer.from(chunk));
    }
    return true;
  }

  /**
   * Takes bytes that another process has read. They are in no buffer of this
   * socket, so the choice of the next one is not theirs.
   */
  receiveFirst(bytes: Buffer): void {
    this.#slice.beginEvent();
    this.#protocol.onData(bytes);
    if (this.#readBuffer === "wanted") this.#moveReadBuffer("shared");
  }

  #receive(chunk: Buffer): void {
    this.#slice.beginEvent();
    this.#protocol.onData(chunk);
    if (this.#readBuffer !== "shared") this.#chooseNextBuffer();
    const mayBeMore =
      chunk.length >= FULL_READ_BYTES && !this.#slice.hasYielded;
    if (mayBeMore && this.#state === "open" && !this.#slice.hasTime()) {
      this.#yield();
    }
  }

  #chooseNextBuffer(): void {
    const isKept = this.#readBuffer !== "own";
    changeReadBuffer(isKept);
    this.#moveReadBuffer(isKept ? "own" : "shared");
  }

  onEnd(): void {
    if (this.#state === "open") this.#protocol.onEnd();
  }

  onFull(): void {
    if (this.#writeTimeout?.nextCheckAt === undefined) this.#armWriteTimeout();
  }

  onDrain(): void {
    this.#writeTimeout?.disarm();
    const mayContinue = this.#state === "open" && !this.#slice.hasYielded;
    if (mayContinue) this.#protocol.onWritable();
  }

  onFinish(): void {
    this.#writeTimeout?.disarm();
    if (this.#state !== "finishing") return;
    this.#move("lingering");
    const { clock, lingeringCloseTimeoutMs } = this.#context;
    this.deadlineAt = clock.now() + lingeringCloseTimeoutMs;
    this.#context.onLingering(this);
  }

  onError(error: Error): void {
    this.#error = error;
  }

  onClose(): void {
    this.#move("closed");
    this.#context.wheel.remove(this);
    this.#protocol.onClose(this.#error);
    this.#context.onClosed(this);
  }
}

/** Closes with RST: FIN would claim that the response is complete. */
function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy(); // a Unix socket has no reset
  }
}
