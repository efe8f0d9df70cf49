/** Runs per chunk: gives the body of a request to Node's stream of it. */
import type { IncomingMessage } from "node:http";
import { RequestAborted } from "../http/errors.ts";
import type { RequestBody } from "../http/request-body.ts";
import { aborted } from "./aborted.ts";
import { completeRequest } from "./node-request.ts";

export class BodyFeed {
  readonly #body: RequestBody;
  readonly #incoming: IncomingMessage;
  #chunks: AsyncIterator<Buffer, undefined> | undefined = undefined;
  #isReading = false;

  constructor(body: RequestBody, incoming: IncomingMessage) {
    this.#body = body;
    this.#incoming = incoming;
  }

  /** The stream has room for more. */
  readOn(): void {
    if (this.#isReading || this.#incoming.complete) return;
    this.#isReading = true;
    this.#chunks ??= this.#body[Symbol.asyncIterator]();
    // What listeners throw is not caught, as under Node's server.
    this.#chunks.next().then(
      ({ done, value }) => {
        this.#isReading = false;
        if (done) this.end();
        else this.#incoming.push(value);
      },
      (error) => this.#fail(error),
    );
  }

  /** There is no more of it. */
  end(): void {
    const { complete, destroyed } = this.#incoming;
    if (complete || destroyed) return;
    completeRequest(this.#incoming, this.#body.trailers);
  }

  #fail(error: Error): void {
    const isOfClient = error instanceof RequestAborted;
    this.#incoming.destroy(isOfClient ? aborted() : error);
  }
}
