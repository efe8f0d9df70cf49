import { MalformedResponse } from "./malformed-response.ts";
import {
  type BodyFraming,
  bodyFraming,
  parseFields,
  parseResponseHead,
  type ResponseHead,
  saysClose,
} from "./response-head.ts";

export interface ReceivedResponse extends ResponseHead {
  readonly body: Buffer;
  readonly trailers: ResponseHead["fields"];
  /** Status codes of preceding 1xx responses. */
  readonly interim: readonly number[];
  /** No further response can follow, for example with `Connection: close`. */
  readonly closes: boolean;
}

type Stage =
  | { type: "length"; missingBytes: number }
  | { type: "chunkSize" }
  | { type: "chunkData"; missingBytes: number }
  | { type: "chunkEnd" }
  | { type: "trailers"; lines: string[] }
  | { type: "untilEnd" }
  | { type: "whole" };

interface PartialResponse {
  readonly head: ResponseHead;
  readonly framing: BodyFraming;
  readonly bodyParts: Buffer[];
  trailers: ResponseHead["fields"];
  stage: Stage;
}

const MAX_HEAD_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 64 * 1024;
const PROTOCOL = "HTTP/1.";

/**
 * Parses responses without I/O: push bytes, then ask for the next response. It
 * is strict; throws `MalformedResponse`.
 */
export class ResponseReader {
  #unread: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #partial: PartialResponse | undefined;
  #interim: number[] = [];

  push(chunk: Buffer): void {
    const isEmpty = this.#unread.length === 0;
    this.#unread = isEmpty ? chunk : Buffer.concat([this.#unread, chunk]);
  }

  /** Marks EOF, which may complete a body. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Received bytes that belong to no response read so far. */
  get unread(): Buffer {
    return this.#unread;
  }

  /** Whether a response is incomplete. */
  get isPartial(): boolean {
    return (
      this.#partial !== undefined ||
      this.#unread.length > 0 ||
      this.#interim.length > 0
    );
  }

  /**
   * The response to a request with that method, or undefined while it is
   * incomplete. Repeated calls must pass the same method.
   */
  next(method: string): ReceivedResponse | undefined {
    this.#partial ??= this.#readHead(method);
    const partial = this.#partial;
    if (partial === undefined) return undefined;
    while (partial.stage.type !== "whole") {
      const next = this.#advance(partial, partial.stage);
      if (next === undefined) return undefined;
      partial.stage = next;
    }
    return this.#take(partial);
  }

  #take(partial: PartialResponse): ReceivedResponse {
    const interim = this.#interim;
    this.#partial = undefined;
    this.#interim = [];
    return {
      ...partial.head,
      body: Buffer.concat(partial.bodyParts),
      trailers: partial.trailers,
      interim,
      closes: partial.framing.type === "untilEnd" || saysClose(partial.head),
    };
  }

  #readHead(method: string): PartialResponse | undefined {
    for (;;) {
      const head = this.#takeHead();
      if (head === undefined) return undefined;
      const framing = bodyFraming(head, method);
      // 101 is final: the following bytes belong to another protocol.
      if (head.status >= 200 || head.status === 101) {
        const stage = firstStage(framing);
        return { head, framing, bodyParts: [], trailers: [], stage };
      }
      this.#interim.push(head.status);
    }
  }

  #takeHead(): ResponseHead | undefined {
    const start = this.#unread.toString("latin1", 0, PROTOCOL.length);
    if (!PROTOCOL.startsWith(start)) {
      throw new MalformedResponse(`starts with ${JSON.stringify(start)}`);
    }
    const endOfHead = this.#unread.indexOf("\r\n\r\n");
    if (endOfHead === -1) {
      if (this.#unread.length <= MAX_HEAD_BYTES) return undefined;
      throw new MalformedResponse("head without an end");
    }
    const text = this.#takeBytes(endOfHead).toString("latin1");
    this.#takeBytes(4);
    return parseResponseHead(text);
  }

  /** The next stage; undefined until its bytes have arrived. */
  #advance(partial: PartialResponse, stage: Stage): Stage | undefined {
    switch (stage.type) {
      case "length":
        return this.#takeBody(partial, stage) && { type: "whole" };
      case "chunkData":
        return this.#takeBody(partial, stage) && { type: "chunkEnd" };
      case "chunkSize":
        return this.#takeChunkSize();
      case "chunkEnd":
        return this.#takeChunkEnd();
      case "trailers":
        return this.#takeTrailer(partial, stage);
      case "untilEnd":
        partial.bodyParts.push(this.#takeBytes(this.#unread.length));
        return this.#hasEnded ? { type: "whole" } : undefined;
      case "whole":
        return stage;
      default:
        return stage satisfies never;
    }
  }

  #takeBody(
    partial: PartialResponse,
    stage: { missingBytes: number },
  ): true | undefined {
    const part = this.#takeBytes(
      Math.min(stage.missingBytes, this.#unread.length),
    );
    if (part.length > 0) partial.bodyParts.push(part);
    stage.missingBytes -= part.length;
    return stage.missingBytes === 0 || undefined;
  }

  #takeChunkSize(): Stage | undefined {
    const line = this.#takeLine();
    if (line === undefined) return undefined;
    const size = /^([\da-fA-F]{1,12})(?:[\t ]*;.*)?$/.exec(line)?.[1];
    if (size === undefined) {
      throw new MalformedResponse(`chunk size ${JSON.stringify(line)}`);
    }
    const missingBytes = Number.parseInt(size, 16);
    if (missingBytes === 0) return { type: "trailers", lines: [] };
    return { type: "chunkData", missingBytes };
  }

  #takeChunkEnd(): Stage | undefined {
    const line = this.#takeLine();
    if (line === undefined) return undefined;
    if (line === "") return { type: "chunkSize" };
    throw new MalformedResponse("chunk longer than its size");
  }

  #takeTrailer(
    partial: PartialResponse,
    stage: Extract<Stage, { type: "trailers" }>,
  ): Stage | undefined {
    const line = this.#takeLine();
    if (line === undefined) return undefined;
    if (line !== "") {
      stage.lines.push(line);
      return stage;
    }
    partial.trailers = parseFields(stage.lines);
    return { type: "whole" };
  }

  #takeLine(): string | undefined {
    const endOfLine = this.#unread.indexOf("\r\n");
    if (endOfLine === -1) {
      if (this.#unread.length <= MAX_LINE_BYTES) return undefined;
      throw new MalformedResponse("line without an end");
    }
    const line = this.#takeBytes(endOfLine).toString("latin1");
    this.#takeBytes(2);
    return line;
  }

  #takeBytes(count: number): Buffer {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }
}

function firstStage(framing: BodyFraming): Stage {
  switch (framing.type) {
    case "none":
      return { type: "whole" };
    case "length":
      return { type: "length", missingBytes: framing.bytes };
    case "chunked":
      return { type: "chunkSize" };
    case "untilEnd":
      return { type: "untilEnd" };
    default:
      return framing satisfies never;
  }
}
