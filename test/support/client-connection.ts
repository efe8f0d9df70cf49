import { once } from "node:events";
import type { Socket } from "node:net";
import type { Mishap } from "./client-report.ts";
import { type ReceivedResponse, ResponseReader } from "./response-reader.ts";
import { connect, readyEvent, type ServerAddress } from "./server-address.ts";

export type Outcome =
  | { readonly type: "answered"; readonly response: ReceivedResponse }
  | { readonly type: "failed"; readonly mishap: Mishap };

export interface ConnectionEvents {
  /** The server closed the connection while no request was in flight. */
  onIdleClose(how: "fin" | "reset"): void;
  /** Bytes arrived after the complete response to `request`. */
  onExtraData(mishap: Mishap, request: string): void;
}

export interface PreparedRequest {
  readonly method: string;
  /** Name of the request in reports. */
  readonly name: string;
  readonly bytes: Buffer;
}

interface Asked {
  readonly method: string;
  readonly settle: (outcome: Outcome) => void;
}

type State =
  | { readonly type: "idle" }
  | { readonly type: "asked"; readonly asked: Asked }
  /** Our end is closed or closing; the server's actions no longer matter. */
  | { readonly type: "closing" };

const CLOSE_TIMEOUT_MS = 1_000;

/** A socket that carries one request at a time and never retries. */
export class ClientConnection {
  /** Settles when the socket is closed. */
  readonly closed: Promise<void>;
  /** Time when connecting began, which is before the server can accept it. */
  readonly openedAtMs: number;
  readonly localPort: number | undefined;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader = new ResponseReader();
  #state: State = { type: "idle" };
  #lastRequest = "nothing";

  /** Opens a connection; returns a `Mishap` if that fails. */
  static async open(
    address: ServerAddress,
    timeoutMs: number,
    events: ConnectionEvents,
  ): Promise<ClientConnection | Mishap> {
    const openedAtMs = performance.now();
    const socket = connect(address);
    const timer = setTimeout(() => {
      const error = new Error(`no connection after ${timeoutMs} ms`);
      socket.destroy(Object.assign(error, { code: "ETIMEDOUT" }));
    }, timeoutMs);
    try {
      await once(socket, readyEvent(address));
      return new ClientConnection(socket, openedAtMs, events);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { kind: "connect", code, detail: message };
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(
    socket: Socket,
    openedAtMs: number,
    events: ConnectionEvents,
  ) {
    this.#socket = socket;
    this.openedAtMs = openedAtMs;
    this.localPort = socket.localPort;
    this.#events = events;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#handleEnd("fin");
        resolve();
      });
    });
    socket.on("data", (chunk) => this.#handleData(chunk));
    socket.on("end", () => this.#handleEnd("fin"));
    socket.on("error", (error) => this.#handleError(error));
  }

  get isIdle(): boolean {
    return this.#state.type === "idle";
  }

  /** Requires an idle connection. */
  async ask(request: PreparedRequest, timeoutMs: number): Promise<Outcome> {
    if (!this.isIdle) throw new Error(`asked when ${this.#state.type}`);
    const { method, name, bytes } = request;
    this.#lastRequest = name;
    const answer = new Promise<Outcome>((settle) => {
      this.#state = { type: "asked", asked: { method, settle } };
    });
    const timer = setTimeout(() => {
      this.#fail({ kind: "timeout", detail: this.#howFar() });
    }, timeoutMs);
    this.#socket.write(bytes);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends FIN, then reads until the server closes or a time-out. */
  close(): Promise<void> {
    this.#state = { type: "closing" };
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    return this.closed.finally(() => clearTimeout(timer));
  }

  #handleData(chunk: Buffer): void {
    if (this.#state.type === "asked") {
      this.#reader.push(chunk);
      this.#readAnswer(this.#state.asked);
    } else {
      this.#refuseExtra(chunk.length);
    }
  }

  #handleEnd(how: "fin" | "reset"): void {
    const state = this.#state;
    if (state.type === "asked") {
      this.#reader.end();
      this.#readAnswer(state.asked);
      // EOF completes a body that ends by close; anything else is incomplete.
      this.#fail({ kind: "eof", detail: this.#howFar() });
    }
    this.#leaveIdle(how);
  }

  #handleError(error: NodeJS.ErrnoException): void {
    const { code, message } = error;
    const detail = `${message}, ${this.#howFar()}`;
    this.#fail({ kind: "reset", code, detail });
    this.#leaveIdle("reset");
  }

  #leaveIdle(how: "fin" | "reset"): void {
    if (!this.isIdle) return;
    this.#state = { type: "closing" };
    this.#events.onIdleClose(how);
  }

  #readAnswer({ method, settle }: Asked): void {
    let response: ReceivedResponse | undefined;
    try {
      response = this.#reader.next(method);
    } catch (error) {
      const detail = (error as Error).message;
      this.#fail({ kind: "malformed", detail });
    }
    if (response === undefined) return;
    this.#state = { type: response.closes ? "closing" : "idle" };
    settle({ type: "answered", response });
    const extraBytes = this.#reader.unread.length;
    if (extraBytes > 0) this.#refuseExtra(extraBytes);
  }

  #fail(mishap: Mishap): void {
    if (this.#state.type !== "asked") return;
    const { settle } = this.#state.asked;
    this.#state = { type: "closing" };
    this.#socket.destroy();
    settle({ type: "failed", mishap });
  }

  #refuseExtra(byteCount: number): void {
    if (this.#socket.destroyed) return;
    this.#state = { type: "closing" };
    this.#socket.destroy();
    const detail = `${byteCount} bytes after the response`;
    const mishap: Mishap = { kind: "extraData", detail };
    this.#events.onExtraData(mishap, this.#lastRequest);
  }

  #howFar(): string {
    const { isPartial } = this.#reader;
    return isPartial ? "in the middle of an answer" : "without any answer";
  }
}
