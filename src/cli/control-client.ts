/** Asks a daemon over its control socket. */
import http from "node:http";
import { text } from "node:stream/consumers";

export interface ControlReply {
  readonly status: number;
  readonly body: string;
}

interface Asking {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Without it, an answer may come at any time. */
  readonly timeoutMs?: number | undefined;
}

/** How long an answer may take that waits for nothing. */
const ANSWER_TIMEOUT_MS = 5_000;

export class ControlClient {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  async get(path: string): Promise<ControlReply> {
    return this.#whole({
      method: "GET",
      path,
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
  }

  async post(path: string): Promise<ControlReply> {
    return this.#whole({
      method: "POST",
      path,
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
  }

  /** The lines of an answer, as they come; the status is that of success. */
  async *postForLines(path: string): AsyncGenerator<string> {
    const response = await this.#ask({ method: "POST", path });
    if (response.statusCode !== 200) {
      yield (await text(response)).trim();
      return;
    }
    let rest = "";
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  }

  async #whole(asking: Asking): Promise<ControlReply> {
    const response = await this.#ask(asking);
    const body = await text(response);
    return { status: response.statusCode ?? 0, body };
  }

  #ask({ method, path, timeoutMs }: Asking): Promise<http.IncomingMessage> {
    const { socketPath } = this;
    const signal = timeoutMs && AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          socketPath,
          method,
          path,
          agent: false,
          headers: { Host: "localhost" },
          ...(signal && { signal }),
        },
        resolve,
      );
      request.on("error", reject).end();
    });
  }
}
