/** The event "clientError" of servers of `node:http`. */
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { processLogger } from "../../shared/logging/logger.ts";
import { SocketShape } from "../../shared/node-internals/socket-shape.ts";
import { loggable } from "../../shared/thrown-value.ts";
import type {
  ParseErrorReason,
  ProtocolError,
} from "../http1/protocol-error.ts";

/** The codes of Node's errors of the same kind. */
const CODES: Readonly<Record<ParseErrorReason, string>> = {
  request_line: "HPE_INVALID_CONSTANT",
  method: "HPE_INVALID_METHOD",
  target: "HPE_INVALID_URL",
  version: "HPE_INVALID_VERSION",
  field: "HPE_INVALID_HEADER_TOKEN",
  host: "HPE_INVALID_HEADER_TOKEN",
  framing: "HPE_INVALID_TRANSFER_ENCODING",
  chunk: "HPE_INVALID_CHUNK_SIZE",
  trailer: "HPE_INVALID_HEADER_TOKEN",
  expectation: "HPE_INVALID_HEADER_TOKEN",
  request_line_too_long: "HPE_HEADER_OVERFLOW",
  head_too_large: "HPE_HEADER_OVERFLOW",
  body_too_large: "HPE_INTERNAL",
  chunk_extensions_too_large: "HPE_CHUNK_EXTENSIONS_OVERFLOW",
  head_timeout: "ERR_HTTP_REQUEST_TIMEOUT",
  body_timeout: "ERR_HTTP_REQUEST_TIMEOUT",
};

/**
 * The socket that comes with the event. The refusal has been sent on the real
 * one, so this one is not `writable`, as Node's documentation asks a listener to
 * check. What is written nevertheless is dropped.
 */
class RefusedSocket extends SocketShape {
  readonly remoteAddress: string | undefined;

  constructor(remoteAddress: string | undefined) {
    super();
    this.remoteAddress = remoteAddress;
    const isOpen = { configurable: true, writable: true };
    Object.defineProperty(this, "writable", { value: false, ...isOpen });
    // Node's server listens, too: a program may destroy it with the error.
    this.on("error", () => {});
  }

  override _read(): void {}

  override _write(
    _chunk: unknown,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    callback();
  }

  override _final(callback: () => void): void {
    callback();
  }

  override _destroy(
    error: Error | null,
    callback: (error: Error | null) => void,
  ): void {
    callback(error);
  }
}

/** Tells a server of a request that was refused, if it listens for that. */
export function emitClientError(
  server: Server,
  { message, reason, status }: ProtocolError,
  client: Duplex | undefined,
): void {
  if (server.listenerCount("clientError") === 0) return;
  const error = Object.assign(new Error(`Parse Error: ${message}`), {
    code: CODES[reason],
    bytesParsed: 0,
    rawPacket: Buffer.alloc(0),
    reason,
    statusCode: status,
  });
  const { remoteAddress } = (client ?? {}) as { remoteAddress?: string };
  try {
    server.emit("clientError", error, new RefusedSocket(remoteAddress));
  } catch (thrown) {
    const text = 'a listener for "clientError" failed';
    processLogger().error({ err: loggable(thrown) }, text);
  }
}
