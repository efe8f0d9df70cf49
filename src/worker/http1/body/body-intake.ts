/**
 * Receives the body of a request: passes it on to its reader, no faster than it
 * reads, or drops the rest of it. Runs per chunk.
 */
import type { BytesLender } from "../../http/body/body-source.ts";
import type { RequestBody } from "../../http/body/request-body.ts";
import type { ConnectionCore } from "../connection-core.ts";
import type { RequestHead } from "../head/request-head.ts";
import { ProtocolError } from "../protocol-error.ts";
import { BodyWatch } from "./body-watch.ts";

/** Bytes that wait for the body's reader when reading pauses. */
const MAX_BUFFERED_BYTES = 65_536;

/** Smaller chunks are copied: keeping one would hold a whole read buffer. */
const MIN_KEPT_BYTES = 32_768;

export class BodyIntake implements BytesLender {
  readonly #core: ConnectionCore;
  readonly #body: RequestBody;
  readonly #watch: BodyWatch;
  #drainLimitBytes = 0;

  constructor(core: ConnectionCore, body: RequestBody, now: number) {
    this.#core = core;
    this.#body = body;
    this.#watch = new BodyWatch(core.limits, now);
  }

  get receivedBytes(): number {
    return this.#watch.receivedBytes;
  }

  /** Whether the client has to send more. */
  get isArriving(): boolean {
    return !this.#core.reader.isBodyDone && this.#watch.isArriving;
  }

  get isAwaiting100(): boolean {
    return this.#watch.isAwaiting100;
  }

  endAwaiting100(): void {
    this.#watch.endAwaiting100();
  }

  setDeadline(): void {
    this.#core.deadlines.awaitBody(this.#watch);
  }

  mayKeep(chunk: Buffer): boolean {
    const { transport } = this.#core;
    return chunk.length >= MIN_KEPT_BYTES && transport.mayKeepBytes();
  }

  /** @throws ProtocolError, 413 where the declared length is over the limit */
  begin({ framing, expectsContinue }: RequestHead): void {
    const { context, reader } = this.#core;
    reader.beginBody(framing);
    this.feed();
    if (expectsContinue) this.#watch.await100(context.clock.now());
  }

  /**
   * Passes on the bytes that have come.
   *
   * @throws ProtocolError, 408 where the body is too slow on average
   */
  feed(): void {
    const { context, gate, reader } = this.#core;
    if (reader.isBodyDone) return;
    const body = this.#body;
    const watch = this.#watch;
    const now = context.clock.now();
    reader.readBody((chunk) => {
      watch.onBytes(chunk.length, now);
      body.push(chunk, this);
    });
    // The pace is also checked where only chunk framing came.
    if (!watch.onBytes(0, now)) {
      throw new ProtocolError(408, "body_timeout", "the body is too slow");
    }
    if (reader.isBodyDone) body.end(reader.trailers);
    else if (body.bufferedBytes >= MAX_BUFFERED_BYTES) gate.close(watch);
  }

  /** The body's reader has taken bytes or waits for some. */
  onRead(): void {
    this.#watch.endAwaiting100();
    if (this.#body.bufferedBytes >= MAX_BUFFERED_BYTES) return;
    const { gate, reader } = this.#core;
    gate.open(reader.isBodyDone ? undefined : this.#watch);
  }

  // --- after the response

  /** From now on the rest is dropped, up to a limit. */
  beginDraining(reason: Error): void {
    const { gate, limits } = this.#core;
    this.#body.passOver(reason);
    this.#drainLimitBytes = this.receivedBytes + limits.maxUnreadBodyBytes;
    gate.open();
  }

  /** Drops the bytes that have come. @throws ProtocolError */
  drain(): "incomplete" | "complete" | "tooLong" {
    const { reader } = this.#core;
    reader.readBody((chunk) => this.#watch.onBytes(chunk.length, 0));
    if (this.receivedBytes > this.#drainLimitBytes) return "tooLong";
    if (!reader.isBodyDone) return "incomplete";
    this.#body.end();
    return "complete";
  }

  /** The reader must not take the bytes received so far for the whole body. */
  cut(reason: Error): void {
    this.#body.passOver(reason);
    this.#body.fail(reason);
  }
}
