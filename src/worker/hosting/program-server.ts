/**
 * A server of `node:http` that a program has told to listen. The master binds
 * the address, and a listener of this worker serves it; the server shows what
 * `net.Server` would.
 */
import type { Server } from "node:http";
import type { ListeningServer } from "../../shared/node-internals/replace-server-methods.ts";
import type {
  BoundAddress,
  ProgramAddress,
} from "../../shared/program-listener.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";

/** The connections of a server that listens. */
export interface ServerConnections {
  readonly count: number;
  closeIdle(): void;
  abortAll(): void;
  /** Accepts no more; idle connections close. */
  shutdown(): void;
}

/**
 *   state     | the address                       | event that ends it
 *   binding   | is asked for                      | master's answer, close()
 *   listening | is bound, and clients are served  | close()
 *   closing   | gets no more clients              | last connection closed
 *   closed    | is not served                     |
 */
type State = "binding" | "listening" | "closing" | "closed";

const TRANSITIONS: TransitionTable<State> = {
  binding: ["listening", "closed"],
  listening: ["closing"],
  closing: ["closed"],
  closed: [],
};

type Callback = (error?: Error) => void;

export class ProgramServer implements ListeningServer {
  readonly server: Server;
  readonly wanted: ProgramAddress;
  #state: State = "binding";
  #address: BoundAddress | null = null;
  #connections: ServerConnections | undefined;

  constructor(server: Server, wanted: ProgramAddress) {
    this.server = server;
    this.wanted = wanted;
  }

  get isBinding(): boolean {
    return this.#state === "binding";
  }

  /** Whether the program may call `listen()` again. */
  get isClosed(): boolean {
    return this.#state === "closing" || this.#state === "closed";
  }

  /** Whether it is as a server that has not listened. */
  get isOver(): boolean {
    return this.#state === "closed";
  }

  onBound(address: BoundAddress, connections: ServerConnections): void {
    this.#move("listening");
    this.#address = address;
    this.#connections = connections;
    process.nextTick(() => {
      if (this.#state === "listening") this.server.emit("listening");
    });
  }

  /** @param error as of `listen()` of `node:net`, EADDRINUSE for example */
  onFailed(error: Error): void {
    this.#move("closed");
    this.#hide();
    process.nextTick(() => this.server.emit("error", error));
  }

  /** A connection may have closed. */
  onCountChanged(): void {
    if (this.#state !== "closing" || this.#count > 0) return;
    this.#move("closed");
    process.nextTick(() => this.server.emit("close"));
  }

  // --- what the program sees on its server

  get listening(): boolean {
    return this.#state === "listening";
  }

  address(): BoundAddress | null {
    return this.#address;
  }

  getConnections(callback: (error: null, count: number) => void): Server {
    process.nextTick(callback, null, this.#count);
    return this.server;
  }

  closeIdleConnections(): void {
    this.#connections?.closeIdle();
  }

  closeAllConnections(): void {
    this.#connections?.abortAll();
  }

  close(callback?: Callback): Server {
    const { server } = this;
    switch (this.#state) {
      case "binding":
        if (callback) server.once("close", callback);
        this.#move("closed");
        this.#hide();
        process.nextTick(() => server.emit("close"));
        break;
      case "listening":
        if (callback) server.once("close", callback);
        this.#move("closing");
        this.#hide();
        this.#connections?.shutdown();
        this.onCountChanged();
        break;
      case "closing":
      case "closed":
        if (callback) server.once("close", () => callback(notRunning()));
        break;
      default:
        this.#state satisfies never;
    }
    return server;
  }

  // --- small parts

  get #count(): number {
    return this.#connections?.count ?? 0;
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  /** A closed server has no address. */
  #hide(): void {
    this.#address = null;
  }
}

function notRunning(): Error {
  const error = new Error("Server is not running.");
  return Object.assign(error, { code: "ERR_SERVER_NOT_RUNNING" });
}
