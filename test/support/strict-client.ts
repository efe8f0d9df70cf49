import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { ClientConnection, type PreparedRequest } from "./client-connection.ts";
import { type ClientReport, type Mishap, ReportBook } from "./client-report.ts";
import type { ReceivedResponse } from "./response-reader.ts";
import { seededRandom } from "./seeded-random.ts";
import { authority, type ServerAddress } from "./server-address.ts";

/** Says what is wrong with a response, if anything. */
export type ResponseCheck = (response: ReceivedResponse) => string | undefined;

export interface RequestSpec {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A number is the size in bytes of a body of whatever. */
  readonly body?: Buffer | number;
  /** Default 200. */
  readonly expectStatus?: number;
  /** How often among the others. Default 1. */
  readonly weight?: number;
  /** Of a response with the expected status. */
  readonly check?: ResponseCheck;
}

export type StrictClientOptions = ServerAddress & {
  readonly connections: number;
  readonly keepAlive: boolean;
  /** Before each request, uniform in this range. */
  readonly pauseMs: { readonly min: number; readonly max: number };
  readonly mix: readonly RequestSpec[];
  /** For connecting, and for the whole answer to one request. */
  readonly requestTimeoutMs: number;
  /** Of pauses and the order of requests. Default 1. */
  readonly seed?: number;
};

export interface StrictClient {
  /** What has happened until now. */
  readonly report: ClientReport;
  /** Begins nothing new; resolves when nothing is in flight. */
  pause(): Promise<void>;
  resume(): void;
  /** Finishes what is in flight and closes; leaves no socket and no timer. */
  stop(): Promise<ClientReport>;
}

/**
 * A load of HTTP requests that never repeats one and counts each that is not
 * answered as it should be.
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
      onMishap: (mishap, name) => this.#book.addFailure(mishap, name, index),
      onLeave: (connection) => this.#close(connection),
      book: this.#book,
    });
    while (await this.#gate.pass()) {
      const request = pick(this.#requests, random());
      const waitMs = pauseMs.min + random() * (pauseMs.max - pauseMs.min);
      // A new connection for each request is opened when it is needed: while
      // the client pauses, nothing of it is open.
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
  onMishap(mishap: Mishap, request: string): void;
  onLeave(connection: ClientConnection): void;
}

/** One of the client's connections: one socket after the other. */
class Caller {
  readonly #options: StrictClientOptions;
  readonly #events: CallerEvents;
  #connection: ClientConnection | undefined;

  constructor(options: StrictClientOptions, events: CallerEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Opens a new socket unless the last one can go on. */
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
  }

  /** Does nothing if the socket went away while it was idle. */
  async ask(request: MixedRequest): Promise<void> {
    const connection = this.#connection;
    if (!connection?.isIdle) return;
    const { book, onMishap } = this.#events;
    const { requestTimeoutMs, keepAlive } = this.#options;
    const askedMs = performance.now();
    const outcome = await connection.ask(request, requestTimeoutMs);
    if (!keepAlive || !connection.isIdle) this.leave();
    if (outcome.type === "failed") {
      return onMishap(outcome.mishap, request.name);
    }
    const { response } = outcome;
    book.addAnswer(response.status, performance.now() - askedMs);
    const mishap = judge(request.spec, response);
    if (mishap !== undefined) onMishap(mishap, request.name);
  }

  leave(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.#events.onLeave(connection);
  }
}

/** Where loops wait while the client pauses, and learn that it stops. */
class Gate {
  readonly #loopCount: number;
  #state: "open" | "closed" | "ended" = "open";
  #waiting: ((mayPass: boolean) => void)[] = [];
  #onAllWaiting: (() => void)[] = [];
  #wake = newWake();

  constructor(loopCount: number) {
    this.#loopCount = loopCount;
  }

  /** Whether to go on; waits while the gate is closed. */
  async pass(): Promise<boolean> {
    if (this.#state !== "closed") return this.#state === "open";
    const mayPass = new Promise<boolean>((resolve) => {
      this.#waiting.push(resolve);
    });
    this.#tellIfAllWait();
    return mayPass;
  }

  /** Whether the time has passed with the gate open. */
  async sleep(durationMs: number): Promise<boolean> {
    if (durationMs > 0 && this.#state === "open") {
      const { signal } = this.#wake;
      await delay(durationMs, undefined, { signal }).catch(() => {});
    }
    return this.#state === "open";
  }

  async close(): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "closed";
    this.#wake.abort();
    await new Promise<void>((resolve) => {
      this.#onAllWaiting.push(resolve);
      this.#tellIfAllWait();
    });
  }

  open(): void {
    if (this.#state === "closed") this.#leave("open");
  }

  end(): void {
    this.#leave("ended");
  }

  #leave(state: "open" | "ended"): void {
    this.#state = state;
    if (state === "open") this.#wake = newWake();
    else this.#wake.abort();
    // Who still waited for the pause need not: there is none any more.
    for (const resolve of this.#onAllWaiting.splice(0)) resolve();
    for (const resolve of this.#waiting.splice(0)) resolve(state === "open");
  }

  #tellIfAllWait(): void {
    if (this.#waiting.length < this.#loopCount) return;
    for (const resolve of this.#onAllWaiting.splice(0)) resolve();
  }
}

function newWake(): AbortController {
  const wake = new AbortController();
  // Each sleeping loop listens to the same signal.
  setMaxListeners(0, wake.signal);
  return wake;
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
