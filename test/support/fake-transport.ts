import { Duplex } from "node:stream";
import type {
  DetachedConnection,
  Protocol,
  ProtocolFactory,
  Transport,
} from "../../src/worker/net/protocol.ts";
import type { FakeClock } from "./fake-clock.ts";
import { type ReceivedResponse, ResponseReader } from "./response-reader.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * A connection without a socket, from the client's side: `receive` takes what
 * the client sends, `sent` is what it receives. Like a real socket, it holds
 * data while reading is paused, its chunks are valid only during the call, and
 * it delivers nothing after `close`.
 */
export class FakeTransport implements Transport {
  readonly remoteAddress = "192.0.2.7";
  readonly clientSocket = undefined;
  isEncrypted = false;
  isClientEncrypted = false;
  isClientUnknown = false;
  readonly protocol: Protocol;
  deadlineAt = NEVER;
  /** Each write to the client, as Latin-1. */
  readonly writes: string[] = [];
  /** Data sent after the end, which a socket drops. */
  readonly lateSends: string[] = [];
  /** How the server ended the connection, if it has. */
  ending: "fin" | "reset" | undefined;
  isReading = true;
  /** The socket that the protocol handed over, if it has. */
  handedOver: Duplex | undefined;
  /** Whether the protocol gave the connection away. */
  isDetached = false;
  #hasRoom = true;
  #isGone = false;
  #isCorked = false;
  #batch = "";
  #inbox: (Buffer | "end")[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, factory: ProtocolFactory) {
    this.#clock = clock;
    this.protocol = factory(this);
  }

  // --- test side

  get sent(): string {
    return this.writes.join("");
  }

  /**
   * Parses the sent bytes strictly. `methods` are those of the requests;
   * default GET.
   */
  responses(...methods: string[]): ReceivedResponse[] {
    const reader = new ResponseReader();
    reader.push(Buffer.from(this.sent, "latin1"));
    if (this.ending) reader.end();
    const responses: ReceivedResponse[] = [];
    for (;;) {
      const response = reader.next(methods[responses.length] ?? "GET");
      if (response) responses.push(response);
      else if (!reader.isPartial) return responses;
      else throw new Error(`not whole: ${JSON.stringify(this.sent)}`);
    }
  }

  /** Text is Latin-1. */
  receive(bytes: string | Buffer): void {
    const isText = typeof bytes === "string";
    this.#inbox.push(isText ? Buffer.from(bytes, "latin1") : bytes);
    this.#deliver();
  }

  /** Delivers the client's FIN. */
  receiveEnd(): void {
    this.#inbox.push("end");
    this.#deliver();
  }

  /** The client stops reading, so there is no room to send. */
  fillUp(): void {
    this.#hasRoom = false;
  }

  /** The client has read everything. */
  drain(): void {
    this.#hasRoom = true;
    if (!this.ending && !this.#isGone) this.protocol.onWritable();
  }

  /** Closes the connection: the client left, or both sides have closed. */
  leave(error?: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.protocol.onClose(error);
  }

  /** Advances the clock and fires due deadlines. */
  advance(ms: number): void {
    const until = this.#clock.now() + ms;
    while (this.deadlineAt <= until && !this.ending && !this.#isGone) {
      this.#clock.advance(Math.max(0, this.deadlineAt - this.#clock.now()));
      this.deadlineAt = NEVER; // until a new deadline is set
      this.protocol.onDeadline();
    }
    this.#clock.advance(Math.max(0, until - this.#clock.now()));
  }

  // --- protocol side

  get canSend(): boolean {
    return !this.ending && !this.#isGone && this.#hasRoom;
  }

  get unsentBytes(): number {
    return this.#hasRoom ? 0 : 1;
  }

  whenSent(callback: (error?: Error | null) => void): void {
    queueMicrotask(callback);
  }

  send(bytes: string | Uint8Array): void {
    const isText = typeof bytes === "string";
    if (this.ending || this.#isGone) {
      this.lateSends.push(isText ? bytes : Buffer.from(bytes).toString());
      return;
    }
    this.#batch += isText ? bytes : Buffer.from(bytes).toString("latin1");
    if (!this.#isCorked) this.#flush();
  }

  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    this.#flush();
  }

  mayKeepBytes(): boolean {
    return false;
  }

  pauseReading(): void {
    this.isReading = false;
  }

  resumeReading(): void {
    this.isReading = true;
    queueMicrotask(() => this.#deliver());
  }

  close(): void {
    if (this.ending || this.#isGone) return;
    this.uncork();
    this.ending = "fin";
    this.deadlineAt = NEVER;
  }

  abort(): void {
    this.ending ??= "reset";
    queueMicrotask(() => this.leave());
  }

  handOver(): Duplex {
    this.uncork();
    this.handedOver = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.writes.push(chunk.toString("latin1"));
        done();
      },
    });
    return this.handedOver;
  }

  detach(take: (connection: DetachedConnection) => void): void {
    this.uncork();
    this.isReading = false;
    this.isDetached = true;
    take({ handle: {}, proxyHeader: undefined });
  }

  #flush(): void {
    if (this.#batch !== "") this.writes.push(this.#batch);
    this.#batch = "";
  }

  #deliver(): void {
    while (this.isReading && !this.ending && !this.#isGone) {
      const next = this.#inbox.shift();
      if (next === undefined) return;
      if (this.handedOver) {
        this.handedOver.push(next === "end" ? null : next);
      } else if (next === "end") {
        this.protocol.onEnd();
      } else {
        const chunk = Buffer.from(next);
        this.protocol.onData(chunk);
        chunk.fill("?");
      }
    }
  }
}
