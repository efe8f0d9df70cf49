/**
 * Sends responses: complete ones at once, streams piece by piece. Runs per
 * response.
 */
import {
  type ChunkSource,
  chunkSource,
  discardBody,
} from "../http/body/chunk-source.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { problem } from "../http/response-helpers.ts";
import type { Transport } from "../net/protocol.ts";
import { pumpBody } from "./body/body-pump.ts";
import type { ProtocolError } from "./protocol-error.ts";
import {
  encodeHead,
  hasContent,
  type ResponseForm,
  type ResponseFraming,
  responseFraming,
} from "./response-encoder.ts";

/** Longer content is sent apart from its head: joining would copy it. */
const MAX_JOINED_CHARS = 16_384;

export class ResponseSender {
  readonly #transport: Transport;
  readonly #serverField: string;
  #source: ChunkSource | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  /** @param serverField the `Server` field line with its CRLF, or "" */
  constructor(transport: Transport, serverField: string) {
    this.#transport = transport;
    this.#serverField = serverField;
  }

  /**
   * Sends the head, and the content if it is complete.
   *
   * @returns the bytes of the content, or undefined if it must be sent with
   * `stream`
   */
  send(response: HttpResponse, form: ResponseForm): number | undefined {
    const { framing } = form;
    const head = encodeHead(response, form, this.#serverField);
    const { body } = response;
    if (!hasContent(response, form.isHead)) {
      this.#transport.send(head);
      discardBody(response);
      return 0;
    }
    const isWhole = typeof body === "string" || body instanceof Uint8Array;
    if (isWhole && typeof framing === "number") {
      this.#sendWhole(head, body, framing);
      return framing;
    }
    this.#transport.send(head);
    return undefined;
  }

  /**
   * Sends the response that refuses a request, the last one of its connection.
   *
   * @returns the bytes of its content
   */
  sendRefusal(error: ProtocolError, isHead: boolean, now: number): number {
    const response = problem(error.status, error.message);
    const framing = responseFraming(response, { isHttp10: false, isHead });
    const option = "close";
    const form = { framing, option, isHead, answeredAt: now } as const;
    return this.send(response, form) as number;
  }

  #sendWhole(head: string, body: string | Uint8Array, bytes: number): void {
    const isAscii = typeof body === "string" && body.length === bytes;
    if (isAscii && bytes <= MAX_JOINED_CHARS) {
      this.#transport.send(head + body); // one string, one write
      return;
    }
    const isCopied = typeof body === "string" && !isAscii;
    this.#transport.send(head);
    this.#transport.send(isCopied ? Buffer.from(body) : body);
  }

  /**
   * Sends content piece by piece.
   *
   * @param isWanted whether the connection still sends this response
   * @returns its bytes, or undefined if it was no longer wanted
   * @throws errors of the body
   */
  async stream(
    { body, trailers }: HttpResponse,
    framing: ResponseFraming,
    isWanted: () => boolean,
  ): Promise<number | undefined> {
    const source = chunkSource(body);
    this.#source = source;
    const untilWritable = () => this.#untilWritable();
    const transport = this.#transport;
    const target = {
      transport,
      framing,
      trailers,
      isWanted,
      untilWritable,
    };
    const sentBytes = await pumpBody(source, target);
    if (this.#source === source) this.#source = undefined;
    return sentBytes;
  }

  onWritable(): void {
    this.#wake?.();
  }

  /** Stops a stream that is no longer wanted. */
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
