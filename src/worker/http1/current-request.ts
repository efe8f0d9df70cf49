import type { BodySource } from "../http/body/body-source.ts";
import { RequestBody } from "../http/body/request-body.ts";
import type { Origin } from "../http/forwarded/client.ts";
import { HttpRequest } from "../http/http-request.ts";
import type { RequestServer } from "../http/request-server.ts";
import { type BodyPace, BodyWatch } from "./body/body-watch.ts";
import type { Exchange } from "./connection-context.ts";
import type { RequestHead } from "./head/request-head.ts";
import type {
  ConnectionOption,
  ResponseForm,
  ResponseFraming,
} from "./response-encoder.ts";

/**
 * What a connection knows of the request it is busy with, and of its answer.
 * Runs per request: it is also what the sender and the observer are given, so
 * that no other object need be made.
 */
export class CurrentRequest implements Exchange, ResponseForm {
  readonly head: RequestHead;
  readonly request: HttpRequest;
  /** When its head was whole, in monotonic milliseconds. */
  readonly startedAt: number;
  /** How its body comes in; undefined where it has none. */
  readonly watch: BodyWatch | undefined;
  /** Whether the client waits for "100 Continue". */
  awaitsContinue: boolean;
  /** Whether its answer is on its way as a whole. */
  isAnswered = false;
  /** Whether the handler wants the connection closed behind the answer. */
  closesAfter = false;
  /** How much of its body is read at most where nobody wants it. */
  drainLimitBytes = 0;
  // --- of the answer, once it has begun
  status = 0;
  framing: ResponseFraming = "none";
  /** "close" where it is the connection's last. */
  option: ConnectionOption = undefined;
  /** When it was there, or its last piece, in monotonic milliseconds. */
  answeredAt = 0;
  responseBodyBytes = 0;

  constructor(head: RequestHead, origin: RequestOrigin) {
    const { method, target, rawTarget, httpVersion, headers } = head;
    const { framing, upgrades } = head;
    const hasBody = framing !== 0;
    const bodyBytes = framing === "chunked" ? undefined : framing;
    this.head = head;
    this.startedAt = origin.now;
    this.awaitsContinue = head.expectsContinue && hasBody;
    this.watch = hasBody ? new BodyWatch(origin.pace, origin.now) : undefined;
    this.request = new HttpRequest({
      method,
      target,
      rawTarget,
      httpVersion,
      headers,
      upgrades,
      server: origin.server,
      origin: origin.from,
      body: hasBody ? new RequestBody(origin.server, bodyBytes) : undefined,
    });
  }

  get seconds(): number {
    return (this.answeredAt - this.startedAt) / 1000;
  }

  /** As far as it has come. */
  get requestBodyBytes(): number {
    return this.watch?.receivedBytes ?? 0;
  }

  get isHead(): boolean {
    return this.head.method === "HEAD";
  }

  get isHttp10(): boolean {
    return this.head.httpVersion === "1.0";
  }
}

/** What a request gets of its connection. */
export interface RequestOrigin {
  readonly now: number;
  readonly pace: BodyPace;
  readonly server: BodySource & RequestServer;
  readonly from: Origin;
}
