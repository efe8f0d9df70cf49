/** The listeners of the server, which the master owns until it exits. */

import {
  type ListenAddress,
  listenerNames,
} from "../../shared/addresses/listen-address.ts";
import type { Clock } from "../../shared/clock.ts";
import type { ListenerSettings } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Inheritance, InheritedSocket } from "../../shared/inheritance.ts";
import type { MasterMessage, RawHandle } from "../../shared/ipc-messages.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { AddressSettings } from "./listen-error.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface ListenerSetOptions {
  /** The configured listeners, numbered by their index. */
  readonly settings: readonly ListenerSettings[];
  /**
   * Whether `open()` leaves out the configured listeners: the app decides
   * whether they are needed.
   */
  readonly isOnDemand?: boolean;
  /** Settings of each listener's address, for error messages. */
  readonly setBy?: readonly AddressSettings[] | undefined;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Creates the files of unix sockets. */
  readonly files?: PrivilegedFiles | undefined;
}

/** A listener to open. */
export interface WantedListener {
  /** Identifies it in this master and in the next one. */
  readonly name: string;
  readonly address: ListenAddress;
  readonly backlog: number;
  readonly scheduling: ListenerSettings["scheduling"];
  readonly scheme: Listening["scheme"];
  /** Settings of the address, for error messages. */
  readonly setBy?: AddressSettings | undefined;
}

export interface OpenListener extends InheritedSocket {
  /** Identifies it in messages to workers, and is never used again. */
  readonly number: number;
  readonly name: string;
  /** Contains the actual port if the setting is 0. */
  readonly address: ListenAddress;
  readonly scheduling: ListenerSettings["scheduling"];
  readonly scheme: Listening["scheme"];
}

/** A listener in logs and in the status. */
export type Listening = ListenAddress & {
  readonly scheme: "http" | "https";
  readonly scheduling: "balanced" | "shared";
};

interface Opened {
  readonly wanted: WantedListener;
  readonly socket: ListenSocket;
}

const ACCEPT_ERROR_LOG_MS = 10_000;

export class ListenerSet {
  readonly #options: ListenerSetOptions;
  readonly #configured: readonly WantedListener[];
  /** By number. */
  readonly #opened = new Map<number, Opened>();
  /**
   * Listeners without a line "listening" in the log. It appears once clients
   * are accepted, on shared sockets by a worker: its readers may connect at
   * once.
   */
  readonly #unannounced = new Set<Opened>();
  #inheritance: Inheritance = new Map();
  #isAccepting = false;
  #isClosed = false;
  #nextNumber: number;
  #acceptErrorLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ListenerSetOptions) {
    const { settings, setBy } = options;
    const names = listenerNames(settings);
    this.#options = options;
    this.#nextNumber = settings.length;
    this.#configured = settings.map((each, index) => {
      const { address, backlog, scheduling } = each;
      const scheme = schemeOf(each);
      const name = names[index] ?? "";
      const wanted = { name, address, backlog, scheduling, scheme };
      return { ...wanted, setBy: setBy?.[index] };
    });
  }

  /**
   * Binds the configured addresses, apart from those that are opened on demand
   * and not inherited. No clients are accepted yet.
   *
   * @param inherited sockets by listener name; other addresses are bound anew
   * @throws StartError that names the unavailable address and the reason
   */
  async open(inherited: Inheritance = new Map()): Promise<void> {
    this.#inheritance = inherited;
    const { isOnDemand = false } = this.#options;
    try {
      for (const [number, { name }] of this.#configured.entries()) {
        if (isOnDemand && !inherited.has(name)) continue;
        await this.openConfigured(number);
      }
    } catch (error) {
      // The process that passed the inherited sockets still uses them.
      this.close(new Set(inherited.keys()));
      throw error;
    }
  }

  /** Numbers of the configured listeners that were opened by `open()`. */
  get givenNumbers(): readonly number[] {
    return this.#options.isOnDemand ? [] : [...this.#configured.keys()];
  }

  get all(): readonly OpenListener[] {
    return [...this.#opened].map(([number, { wanted, socket }]) => {
      const { name, scheduling, scheme } = wanted;
      const { address, fd } = socket;
      const keepsFile = this.#inheritance.get(name)?.keepsFile ?? false;
      return { number, name, address, scheduling, scheme, fd, keepsFile };
    });
  }

  /**
   * Opens a configured listener, unless it is open.
   *
   * @returns its number
   * @throws StartError
   */
  async openConfigured(number: number): Promise<number> {
    const wanted = this.#configured[number];
    if (!wanted) throw new Error(`there is no listener ${number}`);
    if (!this.#opened.has(number)) await this.#open(number, wanted);
    return number;
  }

  /**
   * Opens a listener beside the configured ones.
   *
   * @returns its number
   * @throws StartError
   */
  async openMore(wanted: WantedListener): Promise<number> {
    const number = this.#nextNumber++;
    await this.#open(number, wanted);
    return number;
  }

  /**
   * Accepts from now on. On shared sockets workers accept; until the first one
   * is ready, clients are refused there.
   *
   * @throws StartError if a socket cannot listen
   */
  accept(): void {
    this.#isAccepting = true;
    for (const { socket } of this.#opened.values()) socket.accept();
    const opened = [...this.#unannounced];
    if (opened.every((each) => this.#acceptsAlone(each))) this.#announceAll();
  }

  /** Handles that a worker accepts on the shared sockets. */
  onWorkerAccepts(): void {
    if (this.#isAccepting) this.#announceAll();
  }

  /** Sends the given shared sockets to a worker, before it boots. */
  sendSharedTo(worker: SharedReceiver): void {
    for (const number of this.givenNumbers) this.sendTo(worker, number);
  }

  /** Sends a shared socket to a worker; a balanced one stays here. */
  sendTo(worker: SharedReceiver, listener: number): void {
    const handle = this.#opened.get(listener)?.socket.sharedHandle;
    if (handle) worker.send({ type: "listen", listener }, handle);
  }

  /**
   * Stops accepting.
   *
   * @param elsewhere names of the listeners on which another process accepts
   */
  close(elsewhere: ReadonlySet<string> = new Set()): void {
    this.#isClosed = true;
    for (const { wanted, socket } of this.#opened.values()) {
      socket.close({ keepsFile: elsewhere.has(wanted.name) });
    }
  }

  /** Stops accepting on one listener, whose address is free then. */
  closeOne(number: number): void {
    const opened = this.#opened.get(number);
    if (!opened) return;
    const { wanted, socket } = opened;
    this.#opened.delete(number);
    this.#unannounced.delete(opened);
    socket.close();
    const { scheme, scheduling } = wanted;
    const fields = { ...socket.address, scheme, scheduling };
    this.#options.logger.info(fields, "no longer listening");
  }

  nameOf(number: number): string {
    return this.#opened.get(number)?.wanted.name ?? "";
  }

  /** Number of the open listener with the name. */
  numberOf(name: string): number | undefined {
    for (const [number, { wanted }] of this.#opened) {
      if (wanted.name === name) return number;
    }
    return undefined;
  }

  /** Whether another process has passed a socket of that name. */
  isInherited(name: string): boolean {
    return this.#inheritance.has(name);
  }

  /** Takes a client that another process accepted on the named listener. */
  adopt(handle: RawHandle, name: string): void {
    const number = this.numberOf(name);
    // Without such a listener the client is disconnected, as if refused.
    if (number === undefined) (handle as RawHandle & Closable).close();
    else this.#options.dispatcher.adopt(handle, number);
  }

  async #open(number: number, wanted: WantedListener): Promise<void> {
    const { dispatcher, files } = this.#options;
    const { address, backlog, scheduling, setBy, name } = wanted;
    const socket = await ListenSocket.open({
      ...{ address, backlog, scheduling, files, setBy },
      ...this.#inheritance.get(name),
      onConnection: (handle) => dispatcher.offer(handle, number),
      onAcceptError: (code) => this.#onAcceptError(code, socket.address),
    });
    const opened = { wanted, socket };
    try {
      if (this.#isClosed) throw new Error("the server is stopping");
      if (this.#isAccepting) socket.accept();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#opened.set(number, opened);
    this.#unannounced.add(opened);
    if (this.#isAccepting && this.#acceptsAlone(opened)) this.#announceAll();
  }

  /** Whether clients are accepted even if no worker is ready. */
  #acceptsAlone({ wanted }: Opened): boolean {
    const isShared = wanted.scheduling === "shared";
    return !isShared || this.#inheritance.has(wanted.name);
  }

  #announceAll(): void {
    for (const opened of this.#unannounced) {
      const { wanted, socket } = opened;
      const { scheme, scheduling } = wanted;
      const fields = { ...socket.address, scheme, scheduling };
      this.#options.logger.info(fields, "listening");
    }
    this.#unannounced.clear();
  }

  /**
   * Limits logging: when descriptors run out, this runs many times a second.
   */
  #onAcceptError(code: string, address: ListenAddress): void {
    const { dispatcher, clock, logger } = this.#options;
    dispatcher.countFailedAccept();
    const now = clock.now();
    if (now - this.#acceptErrorLoggedAt < ACCEPT_ERROR_LOG_MS) return;
    this.#acceptErrorLoggedAt = now;
    logger.error({ code, ...address }, "a connection could not be accepted");
  }
}

interface Closable {
  close(): void;
}

/** A worker, as far as it takes sockets. */
export interface SharedReceiver {
  send(message: MasterMessage, handle: RawHandle): void;
}

/** The scheme that clients of a listener use. */
export function schemeOf({ tls }: Pick<Settings, "tls">): Listening["scheme"] {
  return tls.certFile === undefined ? "http" : "https";
}
