/** Runs per chunk: nothing is allocated. */
import type { Socket } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import { sentBytesOf } from "../../shared/node-internals/connection-handle.ts";
import { wireOf } from "../../shared/node-internals/wire-of.ts";
import type { DeadlineHolder, DeadlineWheel } from "./deadline-wheel.ts";
import { UNFILED } from "./deadline-wheel.ts";
import type { FairScheduler, Yielder } from "./fair-scheduler.ts";
import { remoteAddress } from "./peer-address.ts";
import type { Protocol, ProtocolFactory, Transport } from "./protocol.ts";
import { proxyHeaderOf } from "./proxy-protocol/proxied-socket.ts";
import { readIntoAnother } from "./read-buffer.ts";
import { letStreamGo, ownSocket, type SocketOwner } from "./socket-owner.ts";

/** What all connections of a listener share. */
export interface TransportContext {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly scheduler: FairScheduler;
  readonly writeTimeoutMs: number;
  readonly lingeringCloseTimeoutMs: number;
  readonly onClosed: (transport: SocketTransport) => void;
}

/** Past this much text the batch is written, even before its end. */
const MAX_BATCH_CHARS = 65_536;
/** A longer text is not copied once more to be one with others. */
const MAX_JOINED_CHARS = 16_384;
/** After so much, as a TLS record may hold, the next read may follow at once. */
const FULL_READ_BYTES = 16_384;
/** So many steps a connection may go on before time is looked at. */
const FREE_STEPS = 16;
/** Sending so many bytes is a step; so is to ask for room to send. */
const STEP_BYTES = 4_096;
/** So long it may go on in any case: long beside what giving way costs. */
const MIN_SLICE_MS = 0.1;
/** How often it is looked, within the write time-out, what a client has read. */
const WRITE_CHECKS = 16;
const NEVER = Number.POSITIVE_INFINITY;
const LOST = new Error("the connection closed before all was sent");

/**
 * open ──close()──► finishing ──FIN sent──► lingering ──peer's FIN──► closed
 *   └──handOver()──► handedOver
 * Any state goes to closed when the socket does.
 */
type State = "open" | "finishing" | "lingering" | "handedOver" | "closed";

/** A connection over a `node:net` (or `node:tls`) socket. */
export class SocketTransport
  implements Transport, SocketOwner, DeadlineHolder, Yielder
{
  readonly isEncrypted: boolean;
  readonly #socket: Socket;
  /** Beneath TLS, otherwise the same: what the kernel knows. */
  readonly #wire: Socket;
  readonly #context: TransportContext;
  readonly #protocol: Protocol;
  #state: State = "open";
  #remoteAddress: string | undefined = undefined;
  #error: Error | undefined = undefined;
  #isCorked = false;
  /** Whether the socket itself is corked too, as bytes came between texts. */
  #isSocketCorked = false;
  #batch = "";
  /** How far it has gone on in this turn. */
  #steps = 0;
  /** When time was first looked at in this turn. */
  #sliceStartedAt: number | undefined = undefined;
  #turnNumber = 0;
  /** Whether it has given way to others, and goes on when it is its turn. */
  #isWaiting = false;
  #isReadingPaused = false;
  /** Whether it reads into a buffer of its own. */
  #readsApart = false;
  /** Whether bytes of the chunk at hand are to be kept, where they may. */
  #isKeeping = false;
  #protocolDeadlineAt = NEVER;
  /** No infinity: that would be a number of its own for each connection. */
  #writeCheckAt: number | undefined = undefined;
  /** By when the client must read something, where writes are checked. */
  #writeDeadlineAt = 0;
  /** What the kernel had taken when the write deadline was set. */
  #lastTakenBytes = 0;
  wheelTurn = UNFILED;

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
    this.#protocol = factory(this);
    ownSocket(socket, this, this.isEncrypted ? "byEvents" : "pastBuffer");
  }

  get protocol(): Protocol {
    return this.#protocol;
  }

  /** Whether nothing would be lost if the connection were dropped now. */
  get isIdle(): boolean {
    if (this.#state === "lingering") return true;
    return this.#protocol.isIdle && this.#socket.writableLength === 0;
  }

  /** Asked for once: the socket forgets it when it closes. */
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
    return this.#hasRoom && this.#hasTurn();
  }

  get #hasRoom(): boolean {
    return this.#state === "open" && !this.#socket.writableNeedDrain;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + this.#batch.length;
  }

  whenSent(callback: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (!socket.writableEnded) {
      this.#flush();
      socket.write("", callback); // behind all that was written before
    } else if (socket.writableFinished || socket.destroyed) {
      process.nextTick(callback, socket.writableFinished ? null : LOST);
    } else {
      const done = () => {
        socket.off("finish", done).off("close", done);
        callback(socket.writableFinished ? null : LOST);
      };
      socket.on("finish", done).on("close", done);
    }
  }

  get deadlineAt(): number {
    return Math.min(this.#protocolDeadlineAt, this.#writeCheckAt ?? NEVER);
  }

  set deadlineAt(at: number) {
    const isEarlier = at < this.#protocolDeadlineAt;
    this.#protocolDeadlineAt = at;
    if (isEarlier) this.#context.wheel.file(this);
  }

  send(bytes: string | Uint8Array): void {
    if (this.#state !== "open") return;
    this.#steps += Math.trunc(bytes.length / STEP_BYTES);
    if (!this.#isCorked) {
      this.#write(bytes);
    } else if (typeof bytes === "string" && bytes.length <= MAX_JOINED_CHARS) {
      this.#batch += bytes;
      if (this.#batch.length > MAX_BATCH_CHARS) this.#flush();
    } else {
      if (!this.#isSocketCorked) this.#socket.cork();
      this.#isSocketCorked = true;
      this.#flush();
      this.#write(bytes);
    }
  }

  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    this.#flush();
    if (!this.#isSocketCorked) return;
    this.#isSocketCorked = false;
    this.#socket.uncork();
  }

  mayKeepBytes(): boolean {
    if (this.isEncrypted) return true; // they come in blocks of their own
    this.#isKeeping = true;
    return this.#readsApart;
  }

  pauseReading(): void {
    this.#isReadingPaused = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#isReadingPaused = false;
    if (!this.#isWaiting) this.#socket.resume();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.uncork();
    this.#state = "finishing";
    this.#protocolDeadlineAt = NEVER;
    this.#armWriteDeadline();
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
    this.#state = "handedOver";
    this.#protocolDeadlineAt = NEVER;
    this.#writeCheckAt = undefined;
    this.#context.wheel.remove(this);
    const socket = this.#socket;
    letStreamGo(socket);
    // Neither flowing nor paused: what comes waits for the first listener.
    (socket as { readableFlowing: boolean | null }).readableFlowing = null;
    return socket;
  }

  onDeadlinePassed(now: number): void {
    if ((this.#writeCheckAt ?? NEVER) <= now) this.#checkWrites(now);
    if (this.#protocolDeadlineAt <= now) this.#onProtocolDeadline();
    if (this.#state !== "closed") this.#context.wheel.file(this);
  }

  #onProtocolDeadline(): void {
    this.#protocolDeadlineAt = NEVER; // until another one is set
    if (this.#state === "lingering") this.abort();
    else if (this.#state === "open") this.#protocol.onDeadline();
  }

  // --- taking turns

  /** Whether it may go on now; otherwise it waits. */
  #hasTurn(): boolean {
    if (this.#isWaiting) return false;
    if (++this.#steps <= FREE_STEPS || this.#hasTime()) return true;
    this.#giveWay();
    return false;
  }

  #hasTime(): boolean {
    const { clock, scheduler } = this.#context;
    const now = clock.now();
    this.#sliceStartedAt ??= now;
    if (scheduler.hasTime(now)) return true;
    return now - this.#sliceStartedAt < MIN_SLICE_MS;
  }

  #giveWay(): void {
    this.#isWaiting = true;
    this.#socket.pause();
    this.#context.scheduler.enqueue(this);
  }

  onTimeSlice(): void {
    this.#isWaiting = false;
    this.#beginSlice();
    if (this.#state !== "open") return;
    if (!this.#isReadingPaused) this.#socket.resume();
    if (this.#hasRoom) this.#protocol.onWritable();
  }

  /** Several events of a connection may come in one turn of the event loop. */
  #beginEvent(): void {
    const { scheduler } = this.#context;
    const isSameTurn =
      scheduler.isMeasuring && scheduler.iteration === this.#turnNumber;
    if (!isSameTurn) this.#beginSlice();
  }

  #beginSlice(): void {
    this.#steps = 0;
    this.#sliceStartedAt = undefined;
    this.#turnNumber = this.#context.scheduler.iteration;
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

  #receive(chunk: Buffer): void {
    this.#beginEvent();
    this.#protocol.onData(chunk);
    if (this.#isKeeping || this.#readsApart) this.#changeBuffer();
    const mayBeMore = chunk.length >= FULL_READ_BYTES && !this.#isWaiting;
    if (mayBeMore && this.#state === "open" && !this.#hasTime()) {
      this.#giveWay();
    }
  }

  #changeBuffer(): void {
    readIntoAnother(this.#isKeeping);
    this.#readsApart = this.#isKeeping;
    this.#isKeeping = false;
  }

  onEnd(): void {
    if (this.#state === "open") this.#protocol.onEnd();
  }

  onDrain(): void {
    this.#writeCheckAt = undefined;
    const mayGoOn = this.#state === "open" && !this.#isWaiting;
    if (mayGoOn) this.#protocol.onWritable();
  }

  onFinish(): void {
    this.#writeCheckAt = undefined;
    if (this.#state !== "finishing") return;
    this.#state = "lingering";
    const { clock, lingeringCloseTimeoutMs } = this.#context;
    this.deadlineAt = clock.now() + lingeringCloseTimeoutMs;
  }

  onError(error: Error): void {
    this.#error = error;
  }

  onClose(): void {
    this.#state = "closed";
    this.#context.wheel.remove(this);
    this.#protocol.onClose(this.#error);
    this.#context.onClosed(this);
  }

  // --- writing

  #flush(): void {
    if (this.#batch === "") return;
    const text = this.#batch;
    this.#batch = "";
    this.#write(text);
  }

  #write(bytes: string | Uint8Array): void {
    const hasRoom =
      typeof bytes === "string"
        ? this.#socket.write(bytes, "latin1")
        : this.#socket.write(bytes);
    if (!hasRoom && this.#writeCheckAt === undefined) {
      this.#armWriteDeadline();
    }
  }

  #armWriteDeadline(now = this.#context.clock.now()): void {
    this.#lastTakenBytes = this.#takenBytes;
    this.#writeDeadlineAt = now + this.#context.writeTimeoutMs;
    this.#checkWritesLater(now);
  }

  /** A client that read something meanwhile is slow, not gone. */
  #checkWrites(now: number): void {
    if (this.#takenBytes > this.#lastTakenBytes) this.#armWriteDeadline(now);
    else if (now >= this.#writeDeadlineAt) this.abort();
    else this.#checkWritesLater(now);
  }

  /** The time counts from the last read: it is noticed soon after. */
  #checkWritesLater(now: number): void {
    const { wheel, writeTimeoutMs } = this.#context;
    const checkAt = now + writeTimeoutMs / WRITE_CHECKS;
    this.#writeCheckAt = Math.min(checkAt, this.#writeDeadlineAt);
    wheel.file(this);
  }

  get #takenBytes(): number {
    return sentBytesOf(this.#wire);
  }
}

/** Ends with RST: a FIN would say that what was sent is whole. */
function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy(); // only TCP knows a reset
  }
}
