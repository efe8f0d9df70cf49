import { deferred } from "./deferred.ts";
import { type ReceivedResponse, ResponseReader } from "./response-reader.ts";
import { connect, type ServerAddress } from "./server-address.ts";

export type ExchangeOptions = (
  | { readonly untilClosed: true }
  | { readonly responses: number }
) & {
  /** Default 60 s: only a response that never comes takes that long. */
  readonly timeoutMs?: number;
  /**
   * Methods of the requests in `bytes`; a response to HEAD has no body.
   * Default: the first word of `bytes`, then GET.
   */
  readonly methods?: readonly string[];
};

export interface Exchange {
  readonly responses: readonly ReceivedResponse[];
  /** `open`: we closed after all expected responses arrived. */
  readonly ending: "open" | "fin" | "reset";
  /** Whether the last bytes are an incomplete response. */
  readonly isPartial: boolean;
  /** All received bytes. */
  readonly raw: Buffer;
}

const RESET_CODES = new Set<string | undefined>(["ECONNRESET", "EPIPE"]);

/**
 * Sends raw bytes (text as Latin-1) on a new connection and reads the
 * responses. Rejects if it cannot connect, on a malformed response, and at the
 * time-out.
 */
export function exchange(
  address: ServerAddress,
  bytes: string | Buffer,
  options: ExchangeOptions,
): Promise<Exchange> {
  const request =
    typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const received = new Received(options.methods ?? [firstWord(request)]);
  const wanted = "responses" in options ? options.responses : Infinity;
  const { timeoutMs = 60_000 } = options;
  const socket = connect(address);

  const { promise, resolve, reject } = deferred<Exchange>();
  const timer = setTimeout(() => {
    reject(new Error(`no end after ${timeoutMs} ms; got ${received}`));
  }, timeoutMs);
  const tryTo = (read: () => void) => {
    try {
      read();
      if (received.responses.length >= wanted) resolve(received.as("open"));
    } catch (error) {
      reject(error);
    }
  };
  socket.on("data", (chunk) => tryTo(() => received.handleData(chunk)));
  socket.on("end", () => tryTo(() => received.handleEnd()));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (RESET_CODES.has(error.code)) resolve(received.as("reset"));
    else reject(error);
  });
  socket.on("close", () => resolve(received.as("fin")));
  socket.write(request);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

class Received {
  readonly responses: ReceivedResponse[] = [];
  readonly #reader = new ResponseReader();
  readonly #chunks: Buffer[] = [];
  readonly #methods: readonly string[];

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  handleData(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#reader.push(chunk);
    this.#read();
  }

  handleEnd(): void {
    this.#reader.end();
    this.#read();
  }

  as(ending: Exchange["ending"]): Exchange {
    const { responses } = this;
    const { isPartial } = this.#reader;
    return { responses, ending, isPartial, raw: Buffer.concat(this.#chunks) };
  }

  toString(): string {
    return JSON.stringify(Buffer.concat(this.#chunks).toString("latin1"));
  }

  #read(): void {
    for (;;) {
      const method = this.#methods[this.responses.length] ?? "GET";
      const response = this.#reader.next(method);
      if (response === undefined) return;
      this.responses.push(response);
    }
  }
}

function firstWord(request: Buffer): string {
  return /^\w+/.exec(request.toString("latin1", 0, 32))?.[0] ?? "GET";
}
