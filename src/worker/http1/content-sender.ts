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

  /**
   * @returns the bytes of content sent; as a promise for a body in pieces,
   * which rejects where the body fails and gives undefined where nobody wants
   * the rest of it
   */
  send(head: string, content: Content): number | Promise<number | undefined> {
    const { body, framing } = content;
    if (typeof body === "string" && body.length === framing) {
      this.#transport.send(head + body); // ASCII: one text, one write
      return framing;
    }
    this.#transport.send(head);
    if (typeof body === "string" || body instanceof Uint8Array) {
      this.#transport.send(typeof body === "string" ? Buffer.from(body) : body);
      return framing as number;
    }
    return this.#pump(pieceSource(body), content);
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

  async #pump(
    source: PieceSource,
    { framing, isWanted }: Content,
  ): Promise<number | undefined> {
    this.#source = source;
    const untilWritable = () => this.#untilWritable();
    const transport = this.#transport;
    const target = { transport, framing, isWanted, untilWritable };
    const sentBytes = await pumpBody(source, target);
    if (this.#source === source) this.#source = undefined;
    return sentBytes;
  }

  #untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
