/**
 * One HTTP/1.1 connection: one request at a time, answers in order.
 *
 *   phase      | what happens in it            | and then
 *   idle       | waits for a request           | head, handling, closed
 *   head       | a head has begun              | handling, closed
 *   handling   | the handler runs              | idle, streaming, draining,
 *              |                               | closed
 *   streaming  | a response body is sent       | idle, draining, closed
 *   draining   | answered; what is left of the | idle, closed
 *              | request's body is read        |
 *   closed     | nothing is read or sent       |
 *
 * Bytes, time and the handler each may end a phase; `MOVES` is the table.
 * Runs per request: an answer that is there at once costs no promise, and all
 * answers that one chunk produced leave in one write.
 */
import { RequestAborted } from "../http/errors.ts";
import type { Answer } from "../http/handler.ts";
import { HttpRequest } from "../http/request.ts";
import { type BodySource, RequestBody } from "../http/request-body.ts";
import { HttpResponse, type ResponseBody } from "../http/response.ts";
import { problem } from "../http/responses.ts";
import type { Protocol, Transport } from "../net/protocol.ts";
import { cancelBody, pumpBody, type StreamBody } from "./body-pump.ts";
import { BodyWatch } from "./body-watch.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { ProtocolError } from "./protocol-error.ts";
import type { RequestHead } from "./request-head.ts";
import { RequestReader } from "./request-reader.ts";
import {
  CONTINUE,
  type ConnectionOption,
  encodeHead,
  hasContent,
  type ResponseFraming,
  responseFraming,
} from "./response-encoder.ts";

type Phase = "idle" | "head" | "handling" | "streaming" | "draining" | "closed";

const MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  idle: ["head", "handling", "closed"],
  head: ["handling", "closed"],
  handling: ["idle", "streaming", "draining", "closed"],
  streaming: ["idle", "draining", "closed"],
  draining: ["idle", "closed"],
  closed: [],
};

const NEVER = Number.POSITIVE_INFINITY;

/** Reading pauses when so much of a body, or of a pipeline, waits. */
const MAX_BUFFERED_BYTES = 65_536;

/** What lives as long as one request. */
interface CurrentRequest {
  readonly head: RequestHead;
  readonly request: HttpRequest;
  readonly startedAt: number;
  /** Undefined where the request has no body. */
  readonly watch: BodyWatch | undefined;
  mayContinue: boolean;
  closesAfter: boolean;
  status: number;
  responseBody: ResponseBody;
}

export class Http1Connection implements Protocol, BodySource {
  // --- as long as the connection
  readonly #transport: Transport;
  readonly #context: ConnectionContext;
  readonly #reader: RequestReader;
  #phase: Phase = "idle";
  #requestCount = 0;
  #isReadingPaused = false;
  #isAdvancing = false;
  #hasPeerEnded = false;
  #lingerMs: number | undefined = undefined;
  #wakeWriter: (() => void) | undefined = undefined;
  // --- as long as a request
  #current: CurrentRequest | undefined = undefined;

  constructor(transport: Transport, context: ConnectionContext) {
    this.#transport = transport;
    this.#context = context;
    this.#reader = new RequestReader(context.parsers);
    this.#awaitRequest(context.clock.now());
  }

  get isIdle(): boolean {
    return this.#phase === "idle" || this.#phase === "closed";
  }

  // --- events from the transport

  onData(chunk: Buffer): void {
    if (this.#phase === "closed") return;
    this.#reader.append(chunk);
    this.#advance();
    const isFull = this.#reader.unreadBytes > MAX_BUFFERED_BYTES;
    if (isFull) this.#pauseReading();
  }

  onEnd(): void {
    this.#hasPeerEnded = true;
    if (this.#phase === "closed") return;
    // A request that is not whole is never handled as if it were.
    if (!this.#reader.isBodyDone) this.#abandon("the client ended its body");
    else if (this.#current === undefined) this.#close();
  }

  onWritable(): void {
    this.#wakeWriter?.();
    if (this.#phase === "idle") this.#advance();
  }

  onDeadline(): void {
    switch (this.#phase) {
      case "idle":
      case "draining":
        this.#close();
        break;
      case "head":
        this.#reject(timeout("head_timeout", "the head took too long"));
        break;
      case "handling":
      case "streaming":
        this.#reject(timeout("body_timeout", "the body took too long"));
        break;
      case "closed":
        break;
      default:
        this.#phase satisfies never;
    }
  }

  onShutdown(lingerMs: number): void {
    this.#lingerMs = lingerMs;
    if (this.#phase === "idle") this.#awaitRequest(this.#now());
  }

  onClose(error?: Error): void {
    if (this.#phase !== "closed") this.#move("closed");
    this.#abortCurrent(error?.message ?? "the client left");
    this.#reader.close();
  }

  /** The handler wants more of the body. */
  onBodyRead(): void {
    const { current } = this.#withBody();
    if (!current?.watch) return;
    if (current.mayContinue && this.#phase === "handling") {
      this.#transport.send(CONTINUE); // RFC 9110 §10.1.1
    }
    current.mayContinue = false;
    if (current.request.body.bufferedBytes < MAX_BUFFERED_BYTES) {
      this.#resumeReading();
    }
  }

  // --- bytes in

  /** Reads as far as the bytes, the handler and the client's reading allow. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    this.#transport.cork();
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#reject(error);
    } finally {
      this.#isAdvancing = false;
      this.#transport.uncork();
    }
  }

  /** Whether another step is possible. */
  #step(): boolean {
    switch (this.#phase) {
      case "idle":
      case "head":
        return this.#readHead();
      case "handling":
      case "streaming":
        this.#readBody();
        return false;
      case "draining":
        return this.#drainBody();
      case "closed":
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  #readHead(): boolean {
    if (!this.#transport.canSend) {
      this.#pauseReading();
      return false;
    }
    const head = this.#reader.readHead();
    if (head) {
      this.#begin(head);
      return true;
    }
    if (this.#reader.isInHead && this.#phase === "idle") {
      this.#move("head");
      const { headTimeoutMs } = this.#context.limits;
      this.#transport.deadlineAt = this.#now() + headTimeoutMs;
    }
    if (this.#hasPeerEnded) this.#close();
    else this.#resumeReading();
    return false;
  }

  #begin(head: RequestHead): void {
    const now = this.#now();
    this.#requestCount++;
    const current = this.#beginRequest(head, now);
    this.#current = current;
    this.#move("handling");
    this.#context.observer.onRequest();
    this.#transport.deadlineAt = NEVER;
    if (current.watch) this.#readBody();
    // A body that was refused has its answer already.
    if (this.#phase === "handling") this.#handle(current);
  }

  /** @throws ProtocolError 413 where the length says too much */
  #beginRequest(head: RequestHead, now: number): CurrentRequest {
    const hasBody = head.framing !== 0;
    if (hasBody) this.#reader.beginBody(head.framing);
    const { method, target, httpVersion, headers } = head;
    const request = new HttpRequest({
      method,
      target,
      httpVersion,
      headers,
      remoteAddress: this.#transport.remoteAddress,
      ...(hasBody && { body: new RequestBody(this) }),
    });
    return {
      head,
      request,
      startedAt: now,
      watch: hasBody ? new BodyWatch(this.#context.limits, now) : undefined,
      mayContinue: head.expectsContinue,
      closesAfter: false,
      status: 0,
      responseBody: null,
    };
  }

  /** @throws ProtocolError */
  #readBody(): void {
    const { current, body, watch } = this.#withBody();
    if (!current || this.#reader.isBodyDone) return;
    const now = this.#now();
    let isFastEnough = true;
    this.#reader.readBody((chunk) => {
      isFastEnough = watch.onBytes(chunk.length, now);
      body.push(chunk);
    });
    if (!isFastEnough) throw timeout("body_timeout", "the body is too slow");
    if (this.#reader.isBodyDone) {
      body.end(this.#reader.trailers);
      this.#transport.deadlineAt = NEVER;
      return;
    }
    // Who sends its body does not wait for leave to.
    if (watch.receivedBytes > 0) current.mayContinue = false;
    if (current.mayContinue) watch.pause(now);
    if (body.bufferedBytes >= MAX_BUFFERED_BYTES) this.#pauseReading();
    this.#transport.deadlineAt = watch.deadlineAt(now);
  }

  /** Reads on past what nobody wanted. */
  #drainBody(): boolean {
    const { maxUnreadBodyBytes } = this.#context.limits;
    const { watch } = this.#withBody();
    const allowed = watch.receivedBytes + maxUnreadBodyBytes;
    this.#reader.readBody((chunk) => watch.onBytes(chunk.length, 0));
    if (watch.receivedBytes > allowed) {
      this.#close();
      return false;
    }
    if (!this.#reader.isBodyDone) return false;
    this.#endRequest();
    return true;
  }

  // --- the handler

  #handle(current: CurrentRequest): void {
    const answer: Answer = this.#context.handler(current.request);
    if (answer instanceof HttpResponse) this.#respond(answer);
    else answer.then((response) => this.#onAnswer(current, response));
  }

  #onAnswer(current: CurrentRequest, response: HttpResponse): void {
    // The client may have left, or been refused, meanwhile.
    if (this.#current !== current || this.#phase !== "handling") {
      discardBody(response.body);
      return;
    }
    this.#transport.cork();
    this.#respond(response);
    this.#transport.uncork();
    this.#goOn();
  }

  // --- the response

  #respond(response: HttpResponse): void {
    const current = this.#current as CurrentRequest;
    try {
      this.#send(current, response);
    } catch (error) {
      this.#context.observer.onResponseError(current.request, error);
      discardBody(response.body);
      this.#send(current, problem(500));
    }
  }

  /** @throws TypeError where the response cannot be sent as it is */
  #send(current: CurrentRequest, response: HttpResponse): void {
    const isHttp10 = current.head.httpVersion === "1.0";
    const framing = responseFraming(response, isHttp10);
    current.closesAfter = this.#mustClose(current, response, framing);
    const head = encodeHead(
      response,
      framing,
      connectionOption(current, isHttp10),
      this.#context.serverField,
    );
    current.status = response.status;
    current.mayContinue = false;
    const { body } = response;
    if (!hasContent(response, current.head.method === "HEAD")) {
      this.#transport.send(head);
      discardBody(body);
      this.#finish(0);
    } else if (typeof body === "string" && body.length === framing) {
      this.#transport.send(head + body);
      this.#finish(framing);
    } else if (typeof body === "string" || body instanceof Uint8Array) {
      this.#transport.send(head);
      this.#transport.send(typeof body === "string" ? Buffer.from(body) : body);
      this.#finish(framing as number);
    } else {
      this.#transport.send(head);
      this.#stream(current, body as StreamBody, framing);
    }
  }

  /** Whether this answer is the connection's last (RFC 9112 §9.3, §9.6). */
  #mustClose(
    current: CurrentRequest,
    response: HttpResponse,
    framing: ResponseFraming,
  ): boolean {
    const { maxRequestsPerConnection } = this.#context.limits;
    const hasMoreInput = this.#reader.unreadBytes > 0;
    if (!current.head.keepsAlive || framing === "close") return true;
    if (this.#requestCount === maxRequestsPerConnection) return true;
    // What is pipelined already is answered, also when leaving.
    const isLeaving = this.#lingerMs !== undefined || this.#hasPeerEnded;
    if (isLeaving && !hasMoreInput) return true;
    const connection = response.fields?.get("connection");
    if (connection && /\bclose\b/i.test(connection)) return true;
    return !this.#canDrain(current);
  }

  /** Whether what is left of the request's body is worth reading. */
  #canDrain({ request, mayContinue }: CurrentRequest): boolean {
    if (this.#reader.isBodyDone || request.body.isRead) return true;
    // RFC 9110 §10.1.1: without a 100 the body may come, or never.
    if (mayContinue) return false;
    const { maxUnreadBodyBytes } = this.#context.limits;
    return this.#reader.bodyRemainingBytes <= maxUnreadBodyBytes;
  }

  #stream(
    current: CurrentRequest,
    body: StreamBody,
    framing: ResponseFraming,
  ): void {
    this.#move("streaming");
    current.responseBody = body;
    const isWanted = () => {
      return this.#current === current && this.#phase === "streaming";
    };
    pumpBody(body, {
      transport: this.#transport,
      framing,
      untilWritable: () => this.#untilWritable(),
      isWanted,
    }).then(
      (sentBytes) => {
        if (sentBytes !== undefined && isWanted()) this.#onStreamed(sentBytes);
      },
      (error) => {
        if (!isWanted()) return;
        this.#context.observer.onResponseError(current.request, error);
        // Half a response must not look whole.
        this.#move("closed");
        this.#abortCurrent("its response failed");
        this.#transport.abort();
      },
    );
  }

  #onStreamed(sentBytes: number): void {
    this.#finish(sentBytes);
    this.#goOn();
  }

  /** After an answer that came later: what is buffered may be next. */
  #goOn(): void {
    if (this.#phase === "idle" || this.#phase === "draining") this.#advance();
  }

  /** The response has been sent; what follows on this connection? */
  #finish(responseBodyBytes: number): void {
    const current = this.#current as CurrentRequest;
    const { request, watch } = current;
    const now = this.#now();
    this.#context.observer.onResponse({
      request,
      status: current.status,
      seconds: (now - current.startedAt) / 1000,
      requestBodyBytes: watch?.receivedBytes ?? 0,
      responseBodyBytes,
    });
    if (current.closesAfter || !this.#canDrain(current)) {
      this.#current = undefined;
      this.#close();
      request.body.fail(new RequestAborted("the request has been answered"));
    } else if (this.#reader.isBodyDone) {
      this.#endRequest();
    } else {
      this.#move("draining");
      this.#transport.deadlineAt = now + this.#context.limits.bodyTimeoutMs;
      request.body.discard();
      this.#resumeReading();
    }
  }

  #endRequest(): void {
    this.#current = undefined;
    this.#reader.endBody();
    this.#move("idle");
    this.#awaitRequest(this.#now());
  }

  // --- the end of it

  /** Refuses what came with one answer, and nothing after it. */
  #reject(error: ProtocolError): void {
    const { observer, serverField } = this.#context;
    observer.onParseError(error.reason);
    const canAnswer = this.#phase !== "streaming" && this.#phase !== "draining";
    if (!canAnswer) {
      this.#abandon(error.message);
      return;
    }
    const response = problem(error.status, error.message);
    const head = encodeHead(
      response,
      Buffer.byteLength(response.body as string),
      "close",
      serverField,
    );
    this.#transport.send(head + response.body);
    this.#close();
    this.#abortCurrent(error.message);
  }

  #abandon(why: string): void {
    this.#close();
    this.#abortCurrent(why);
  }

  #close(): void {
    this.#move("closed");
    this.#reader.close();
    this.#transport.close();
  }

  #abortCurrent(why: string): void {
    const current = this.#current;
    this.#current = undefined;
    this.#wakeWriter?.();
    if (!current) return;
    current.request.abort(new RequestAborted(why));
    if (current.responseBody) discardBody(current.responseBody);
    this.#context.observer.onAbort(current.request);
  }

  // --- small parts

  #move(phase: Phase): void {
    if (!MOVES[this.#phase].includes(phase)) {
      throw new Error(`a connection cannot go from ${this.#phase} to ${phase}`);
    }
    this.#phase = phase;
  }

  #awaitRequest(now: number): void {
    const { keepAliveTimeoutMs } = this.#context.limits;
    const lingerMs = this.#lingerMs ?? keepAliveTimeoutMs;
    this.#transport.deadlineAt = now + Math.min(lingerMs, keepAliveTimeoutMs);
  }

  #pauseReading(): void {
    if (this.#isReadingPaused) return;
    this.#isReadingPaused = true;
    this.#transport.pauseReading();
    const watch = this.#current?.watch;
    if (!watch || this.#reader.isBodyDone) return;
    watch.pause(this.#now());
    this.#transport.deadlineAt = NEVER;
  }

  #resumeReading(): void {
    const watch = this.#current?.watch;
    if (watch && !this.#reader.isBodyDone) {
      const now = this.#now();
      watch.resume(now);
      this.#transport.deadlineAt = watch.deadlineAt(now);
    }
    if (!this.#isReadingPaused) return;
    this.#isReadingPaused = false;
    this.#transport.resumeReading();
  }

  #untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeWriter = () => {
        this.#wakeWriter = undefined;
        resolve();
      };
    });
  }

  #withBody() {
    const current = this.#current;
    const body = current?.request.body as RequestBody;
    return { current, body, watch: current?.watch as BodyWatch };
  }

  #now(): number {
    return this.#context.clock.now();
  }
}

function connectionOption(
  { closesAfter }: CurrentRequest,
  isHttp10: boolean,
): ConnectionOption {
  if (closesAfter) return "close";
  return isHttp10 ? "keep-alive" : undefined;
}

function discardBody(body: ResponseBody): void {
  if (body === null || typeof body === "string") return;
  if (body instanceof Uint8Array) return;
  cancelBody(body).catch(() => {});
}

function timeout(
  reason: "head_timeout" | "body_timeout",
  message: string,
): ProtocolError {
  return new ProtocolError(408, reason, message);
}
