/**
 * Sends a head with its content: at once where it is there as a whole, in
 * pieces where it comes in pieces. Runs per response.
 */
import type { ResponseBody } from "../http/response.ts";
import type { Transport } from "../net/protocol.ts";
import { pumpBody } from "./body-pump.ts";
import { type PieceSource, pieceSource } from "./piece-source.ts";
import type { ResponseFraming } from "./response-encoder.ts";

export interface Content {
  readonly body: ResponseBody;
  readonly framing: ResponseFraming;
  /** Whether somebody still waits for it. */
  readonly isWanted: () => boolean;
}

export class ContentSender {
  readonly #transport: Transport;
  #source: PieceSource | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a head and content that is there, of so many bytes. */
  sendWhole(head: string, body: string | Uint8Array, bytes: number): void {
    if (typeof body === "string" && body.length === bytes) {
      this.#transport.send(head + body); // ASCII: one text, one write
    } else {
      this.#transport.send(head);
      this.#transport.send(typeof body === "string" ? Buffer.from(body) : body);
    }
  }

  /**
   * Sends content in pieces, as they come.
   *
   * @returns its bytes, or undefined where nobody wants the rest of it
   * @throws what the body throws
   */
  async stream(content: Content): Promise<number | undefined> {
    const { body, framing, isWanted } = content;
    const source = pieceSource(body);
    this.#source = source;
    const untilWritable = () => this.#untilWritable();
    const transport = this.#transport;
    const target = { transport, framing, isWanted, untilWritable };
    const sentBytes = await pumpBody(source, target);
    if (this.#source === source) this.#source = undefined;
    return sentBytes;
  }

  /** There is room again. */
  onWritable(): void {
    this.#wake?.();
  }

  /** The content in pieces has ended, or nobody wants the rest of it. */
  end(): void {
    this.#source?.cancel();
    this.#source = undefined;
    this.#wake?.();
  }

  #untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
