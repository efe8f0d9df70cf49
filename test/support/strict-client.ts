import { ClientConnection, type PreparedRequest } from "./client-connection.ts";
import {
  type ClientReport,
  type Failure,
  type Mishap,
  ReportBook,
  type SentRequest,
} from "./client-report.ts";
import { Gate } from "./gate.ts";
import type { ReceivedResponse } from "./response-reader.ts";
import { seededRandom } from "./seeded-random.ts";
import { authority, type ServerAddress } from "./server-address.ts";

/** Returns the fault of a response, or undefined. */
export type ResponseCheck = (response: ReceivedResponse) => string | undefined;

export interface RequestSpec {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A number is the size in bytes of an arbitrary body. */
  readonly body?: Buffer | number;
  /** Default 200. */
  readonly expectStatus?: number;
  /** Relative frequency. Default 1. */
  readonly weight?: number;
  /** Checks a response with the expected status. */
  readonly check?: ResponseCheck;
}

export type StrictClientOptions = ServerAddress & {
  readonly connections: number;
  readonly keepAlive: boolean;
  /** Pause before each request, uniform in this range. */
  readonly pauseMs: { readonly min: number; readonly max: number };
  readonly mix: readonly RequestSpec[];
  /** Limits connecting, and the complete response to one request. */
  readonly requestTimeoutMs: number;
  /** Seed for pauses and the order of requests. Default 1. */
  readonly seed?: number;
  /** Name of a header field that numbers each request. */
  readonly numberField?: string;
  /** Called with every failure; the report has only the first ones. */
  readonly onFailure?: (failure: Failure) => void;
  readonly onAnswer?: (response: ReceivedResponse, sent: SentRequest) => void;
};

export interface StrictClient {
  /** Results so far. */
  readonly report: ClientReport;
  /** Starts no new request; resolves when none is in flight. */
  pause(): Promise<void>;
  resume(): void;
  /** Finishes requests in flight and closes all sockets and timers. */
  stop(): Promise<ClientReport>;
}

/**
 * A load of HTTP requests without retries; it counts each request that does not
 * get the expected response.
 */
export function startStrictClient(options: StrictClientOptions): StrictClient {
  return new Client(options);
}

interface MixedRequest extends PreparedRequest {
  readonly spec: RequestSpec;
}

class Client implements StrictClient {
  readonly #options: StrictClientOptions;
  readonly #requests: readonly MixedRequest[];
  readonly #book = new ReportBook();
  readonly #gate: Gate;
  readonly #loops: Promise<unknown>;
  readonly #closing = new Set<Promise<void>>();
  #requestCount = 0;

  constructor(options: StrictClientOptions) {
    if (options.mix.length === 0) throw new Error("the mix has no requests");
    this.#options = options;
    this.#requests = options.mix.map((spec) => prepare(spec, options));
    this.#gate = new Gate(options.connections);
    const indexes = Array.from({ length: options.connections }, (_, i) => i);
    this.#loops = Promise.all(indexes.map((index) => this.#run(index)));
  }

  get report(): ClientReport {
    return this.#book.snapshot();
  }

  pause(): Promise<void> {
    return this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  async stop(): Promise<ClientReport> {
    this.#gate.end();
    await this.#loops;
    await Promise.all(this.#closing);
    return this.report;
  }

  async #run(index: number): Promise<void> {
    const { seed = 1, pauseMs } = this.#options;
    const random = seededRandom(seed * 10_007 + index);
    const caller = new Caller(this.#options, {
      onMishap: (mishap, request, sent) => {
        const what = { ...mishap, request, connection: index, sent };
        const failure = this.#book.addFailure(what);
        this.#options.onFailure?.(failure);
      },
      onLeave: (connection) => this.#close(connection),
      nextNumber: () => ++this.#requestCount,
      book: this.#book,
    });
    while (await this.#gate.pass()) {
      const request = pick(this.#requests, random());
      const waitMs = pauseMs.min + random() * (pauseMs.max - pauseMs.min);
      // Without keep-alive a connection is opened per request, so that none is
      // open while the client pauses.
      if (this.#options.keepAlive) await caller.connect(request.name);
      if (!(await this.#gate.sleep(waitMs))) continue;
      await caller.connect(request.name);
      await caller.ask(request);
    }
    caller.leave();
  }

  #close(connection: ClientConnection): void {
    const closed = connection.close();
    this.#closing.add(closed);
    closed.finally(() => this.#closing.delete(closed));
  }
}

interface CallerEvents {
  readonly book: ReportBook;
  onMishap(mishap: Mishap, request: string, sent?: SentRequest): void;
  onLeave(connection: ClientConnection): void;
  nextNumber(): number;
}

/** One of the client's loops, which uses one socket at a time. */
class Caller {
  readonly #options: StrictClientOptions;
  readonly #events: CallerEvents;
  #connection: ClientConnection | undefined;
  #worker: string | undefined;

  constructor(options: StrictClientOptions, events: CallerEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Opens a new socket unless the last one is reusable. */
  async connect(requestName: string): Promise<void> {
    if (this.#connection?.isIdle) return;
    this.leave();
    const { book, onMishap } = this.#events;
    const { requestTimeoutMs } = this.#options;
    const opened = await ClientConnection.open(
      this.#options,
      requestTimeoutMs,
      {
        onIdleClose: (how) => book.addIdleClose(how),
        onExtraData: onMishap,
      },
    );
    if ("kind" in opened) return onMishap(opened, requestName);
    book.addConnect();
    this.#connection = opened;
    this.#worker = undefined;
  }

  /** Does nothing if the socket was closed while idle. */
  async ask(request: MixedRequest): Promise<void> {
    const connection = this.#connection;
    if (!connection?.isIdle) return;
    const { book, onMishap } = this.#events;
    const { requestTimeoutMs, keepAlive } = this.#options;
    const sent = this.#sentOn(connection);
    const numbered = this.#numbered(request, sent.number);
    const outcome = await connection.ask(numbered, requestTimeoutMs);
    if (!keepAlive || !connection.isIdle) this.leave();
    if (outcome.type === "failed") {
      return onMishap(outcome.mishap, request.name, sent);
    }
    const { response } = outcome;
    this.#worker = response.headers["x-worker"];
    book.addAnswer(response.status, performance.now() - sent.sentAtMs);
    this.#options.onAnswer?.(response, sent);
    const mishap = judge(request.spec, response);
    if (mishap !== undefined) onMishap(mishap, request.name, sent);
  }

  #sentOn({ localPort, openedAtMs }: ClientConnection): SentRequest {
    const number = this.#events.nextNumber();
    const sentAtMs = performance.now();
    return { number, localPort, openedAtMs, sentAtMs, worker: this.#worker };
  }

  #numbered(request: MixedRequest, number: number): MixedRequest {
    const { numberField } = this.#options;
    if (numberField === undefined) return request;
    const field = Buffer.from(`\r\n${numberField}: ${number}`);
    const { bytes } = request;
    const lineEnd = bytes.indexOf("\r\n");
    const [line, rest] = [bytes.subarray(0, lineEnd), bytes.subarray(lineEnd)];
    return { ...request, bytes: Buffer.concat([line, field, rest]) };
  }

  leave(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.#events.onLeave(connection);
  }
}

function prepare(
  spec: RequestSpec,
  options: StrictClientOptions,
): MixedRequest {
  const { method, path } = spec;
  const body =
    typeof spec.body === "number" ? Buffer.alloc(spec.body, "x") : spec.body;
  const fields = [`Host: ${authority(options)}`];
  if (!options.keepAlive) fields.push("Connection: close");
  if (body !== undefined) fields.push(`Content-Length: ${body.length}`);
  for (const [field, value] of Object.entries(spec.headers ?? {})) {
    fields.push(`${field}: ${value}`);
  }
  const head = [`${method} ${path} HTTP/1.1`, ...fields, "\r\n"].join("\r\n");
  const bytes = Buffer.concat([Buffer.from(head), body ?? Buffer.alloc(0)]);
  return { spec, method, name: `${method} ${path}`, bytes };
}

function pick(requests: readonly MixedRequest[], random: number): MixedRequest {
  const weightOf = ({ spec }: MixedRequest) => spec.weight ?? 1;
  const total = requests.reduce((sum, one) => sum + weightOf(one), 0);
  let left = random * total;
  const picked = requests.find((request) => {
    left -= weightOf(request);
    return left < 0;
  });
  if (picked === undefined) throw new Error("no request has any weight");
  return picked;
}

function judge(
  spec: RequestSpec,
  response: ReceivedResponse,
): Mishap | undefined {
  const { expectStatus = 200 } = spec;
  if (response.status !== expectStatus) {
    const detail = `${response.status} instead of ${expectStatus}`;
    return { kind: "status", detail };
  }
  const detail = spec.check?.(response);
  return detail === undefined ? undefined : { kind: "body", detail };
}
