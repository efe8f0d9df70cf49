/**
 * The body of a request on its way in: given to the handler no faster than it
 * reads, or read past where nobody wants it. Runs per chunk.
 */
import type { Clock } from "../../../shared/clock.ts";
import type { BytesLender } from "../../http/body/body-source.ts";
import type { Transport } from "../../net/protocol.ts";
import type { CurrentRequest } from "../current-request.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { ReadGate } from "../read-gate.ts";
import type { RequestReader } from "../request-reader.ts";

/** Reading pauses when so much of a body waits for its handler. */
const MAX_BUFFERED_BYTES = 65_536;

/** A smaller chunk is copied: to keep it would hold a whole buffer. */
const MIN_KEPT_BYTES = 32_768;

export interface BodyIntakeParts {
  readonly transport: Transport;
  readonly reader: RequestReader;
  readonly gate: ReadGate;
  readonly clock: Clock;
}

export class BodyIntake implements BytesLender {
  readonly #transport: Transport;
  readonly #reader: RequestReader;
  readonly #gate: ReadGate;
  readonly #clock: Clock;

  constructor({ transport, reader, gate, clock }: BodyIntakeParts) {
    this.#transport = transport;
    this.#reader = reader;
    this.#gate = gate;
    this.#clock = clock;
  }

  mayKeep(chunk: Buffer): boolean {
    return chunk.length >= MIN_KEPT_BYTES && this.#transport.mayKeepBytes();
  }

  /**
   * Gives the handler what has come.
   *
   * @throws ProtocolError also 408 where it comes too slowly on the whole
   */
  feed(current: CurrentRequest): void {
    const { watch } = current;
    if (!watch || this.#reader.isBodyDone) return;
    const { body } = current.request;
    const now = this.#clock.now();
    this.#reader.readBody((chunk) => {
      watch.onBytes(chunk.length, now);
      body.push(chunk, this);
    });
    // Asked also where all that came was framing, which is no content.
    if (!watch.onBytes(0, now)) {
      throw new ProtocolError(408, "body_timeout", "the body is too slow");
    }
    // Who sends its body does not wait for leave to.
    if (watch.receivedBytes > 0) current.awaitsContinue = false;
    if (this.#reader.isBodyDone) {
      body.end(this.#reader.trailers);
      return;
    }
    if (current.awaitsContinue) watch.pause(now);
    if (body.bufferedBytes >= MAX_BUFFERED_BYTES) this.#gate.close(watch);
  }

  /** The handler has read: there may be room for more. */
  readOn({ request, watch }: CurrentRequest): void {
    if (request.body.bufferedBytes >= MAX_BUFFERED_BYTES) return;
    this.#gate.open(this.#reader.isBodyDone ? undefined : watch);
  }

  /**
   * Reads on past what nobody wants.
   *
   * @returns whether it is within its limit. @throws ProtocolError
   */
  skip({ watch, drainLimitBytes }: CurrentRequest): boolean {
    if (!watch) return true;
    this.#reader.readBody((chunk) => watch.onBytes(chunk.length, 0));
    return watch.receivedBytes <= drainLimitBytes;
  }

  /** Whether the client is to send more. */
  isAwaited({ watch }: CurrentRequest): boolean {
    return !this.#reader.isBodyDone && watch?.isPaused === false;
  }
}
