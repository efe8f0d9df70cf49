import { ClientConnection } from "../../../test/support/client-connection.ts";
import type { LatencyBook } from "./latency-book.ts";

const ANSWER_TIMEOUT_MS = 10_000;
const BODY = "Hello World";

/**
 * One client with one keep-alive connection. It asks one request after the
 * other, opens a new connection where the server has closed the last one, and
 * repeats nothing. What is due while it waits is asked late, and its time has
 * run since it was due.
 */
export class SteadyClient {
  readonly #port: number;
  readonly #due: { readonly dueMs: number; readonly book: LatencyBook }[] = [];
  #connection: ClientConnection | undefined;
  #isBusy = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** @param dueMs by `performance.now()` */
  ask(dueMs: number, book: LatencyBook): void {
    book.begin();
    this.#due.push({ dueMs, book });
    if (!this.#isBusy) void this.#askAll();
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #askAll(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#due.shift(); next; next = this.#due.shift()) {
      const failure = await this.#askOne();
      next.book.end(performance.now() - next.dueMs, failure);
    }
    this.#isBusy = false;
  }

  /** Why it failed, if it did. */
  async #askOne(): Promise<string | undefined> {
    if (!this.#connection?.isIdle) {
      const opened = await this.#open();
      if (typeof opened === "string") return opened;
      this.#connection = opened;
    }
    const request = requestTo(this.#port);
    const outcome = await this.#connection.ask(request, ANSWER_TIMEOUT_MS);
    if (outcome.type === "failed") {
      const { kind, detail } = outcome.mishap;
      return `${kind}: ${detail}`;
    }
    const { status, body } = outcome.response;
    if (status === 200 && body.toString() === BODY) return undefined;
    return `answered ${status} "${body}"`;
  }

  async #open(): Promise<ClientConnection | string> {
    // One that the server will not go on with is closed behind our back.
    void this.#connection?.close();
    this.#connection = undefined;
    const opened = await ClientConnection.open(
      { host: "127.0.0.1", port: this.#port },
      ANSWER_TIMEOUT_MS,
      // A close between two requests is no failure: the next one opens anew.
      { onIdleClose: () => {}, onExtraData: () => {} },
    );
    return "kind" in opened ? `${opened.kind}: ${opened.detail}` : opened;
  }
}

function requestTo(port: number) {
  const bytes = Buffer.from(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  );
  return { method: "GET", name: "GET /", bytes };
}
