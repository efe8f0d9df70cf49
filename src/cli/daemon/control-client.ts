import http from "node:http";
import { type Frame, FrameReader } from "../../shared/inspection/frames.ts";

export interface ControlReply {
  readonly status: number;
  readonly body: string;
}

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  /** Undefined: no limit. */
  readonly timeoutMs?: number;
  /** Cuts the connection. */
  readonly signal?: AbortSignal;
}

/** Time limit for answers that do not wait for an action. */
const ANSWER_TIMEOUT_MS = 5_000;
/** The status of 1,024 workers takes about 600 KB. */
const MAX_CHARS = 32 * 1024 * 1024;

/** HTTP client of a daemon's control socket. */
export class ControlClient {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  get(path: string): Promise<ControlReply> {
    return this.#fetch("GET", path);
  }

  post(path: string): Promise<ControlReply> {
    return this.#fetch("POST", path);
  }

  /** The lines of a response as they arrive; an error is one line. */
  async *postForLines(path: string): AsyncGenerator<string> {
    const response = await this.#request({ method: "POST", path });
    if (response.statusCode === 200) yield* linesOf(response);
    else yield (await textOf(response)).trim();
  }

  /**
   * Like `postForLines()`, with an end that is not an error: that of the daemon
   * or of the signal.
   *
   * @throws Error with the daemon's text if it refuses
   */
  async *follow(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const request = { method: "POST", path, signal };
    const response = await this.#request(request);
    if (response.statusCode !== 200) {
      throw new Error(refusalIn(await textOf(response)));
    }
    try {
      yield* linesOf(response);
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      if (code !== "ECONNRESET" && name !== "AbortError") throw error;
    }
  }

  /**
   * The frames of a response as they arrive.
   *
   * @param signal cuts the connection
   * @returns the text instead of frames if the daemon refuses the call
   */
  async *postForFrames(
    path: string,
    signal: AbortSignal,
  ): AsyncGenerator<Frame, string | undefined> {
    const response = await this.#request({ method: "POST", path, signal });
    if (response.statusCode !== 200) return textOf(response);
    const reader = new FrameReader();
    for await (const chunk of response) yield* reader.push(chunk);
    return undefined;
  }

  async #fetch(method: string, path: string): Promise<ControlReply> {
    const timeoutMs = ANSWER_TIMEOUT_MS;
    const response = await this.#request({ method, path, timeoutMs });
    const body = await textOf(response);
    return { status: response.statusCode ?? 0, body };
  }

  #request({
    method,
    path,
    timeoutMs,
    signal: given,
  }: ControlRequest): Promise<http.IncomingMessage> {
    const { socketPath } = this;
    const signal = timeoutMs ? AbortSignal.timeout(timeoutMs) : given;
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

async function* linesOf(
  response: http.IncomingMessage,
): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_CHARS) throw tooLong();
    yield* lines;
  }
}

/** The error of an outcome, or the text itself. */
function refusalIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not an outcome: an older daemon, perhaps.
  }
  return `the daemon answered: ${body.trim()}`;
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_CHARS) throw tooLong();
  }
  return text;
}

function tooLong(): Error {
  return new Error("its answer is too long");
}
