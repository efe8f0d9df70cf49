/**
 * Passes the body of a request on to its reader, no faster than it reads, or
 * drops the rest of it. Runs per chunk.
 */
import type { Clock } from "../../../shared/clock.ts";
import type { BytesLender } from "../../http/body/body-source.ts";
import type { RequestBody } from "../../http/body/request-body.ts";
import type { Transport } from "../../net/protocol.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { ReadGate } from "../read-gate.ts";
import type { RequestReader } from "../request-reader.ts";
import type { BodyWatch } from "./body-watch.ts";

/** Bytes that wait for the body's reader when reading pauses. */
const MAX_BUFFERED_BYTES = 65_536;

/** Smaller chunks are copied: keeping one would hold a whole read buffer. */
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
   * Passes on the bytes that have come.
   *
   * @throws ProtocolError, 408 among them where the body is too slow on average
   */
  feed(body: RequestBody, watch: BodyWatch): void {
    if (this.#reader.isBodyDone) return;
    const now = this.#clock.now();
    this.#reader.readBody((chunk) => {
      watch.onBytes(chunk.length, now);
      body.push(chunk, this);
    });
    // The pace is also checked where only chunk framing came.
    if (!watch.onBytes(0, now)) {
      throw new ProtocolError(408, "body_timeout", "the body is too slow");
    }
    if (this.#reader.isBodyDone) body.end(this.#reader.trailers);
    else if (body.bufferedBytes >= MAX_BUFFERED_BYTES) this.#gate.close(watch);
  }

  /** Called when the body's reader has taken bytes or waits for some. */
  resume(body: RequestBody, watch: BodyWatch): void {
    if (body.bufferedBytes >= MAX_BUFFERED_BYTES) return;
    this.#gate.open(this.#reader.isBodyDone ? undefined : watch);
  }

  /**
   * Drops the bytes that have come.
   *
   * @param limitBytes of the whole body
   * @returns whether the body is within the limit so far. @throws ProtocolError
   */
  drop(watch: BodyWatch, limitBytes: number): boolean {
    this.#reader.readBody((chunk) => watch.onBytes(chunk.length, 0));
    return watch.receivedBytes <= limitBytes;
  }
}
