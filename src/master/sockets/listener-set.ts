/** All that the server listens on, owned by the master as long as it lives. */
import type { Clock } from "../../shared/clock.ts";
import type { ListenerSettings } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Inheritance, InheritedSocket } from "../../shared/inheritance.ts";
import type { MasterMessage, RawHandle } from "../../shared/ipc-messages.ts";
import type { ListenAddress } from "../../shared/listen-address.ts";
import { listenerNames } from "../../shared/listener-name.ts";
import type { Logger } from "../../shared/logger.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { AddressSettings } from "./address-settings.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface ListenersOptions {
  readonly settings: readonly ListenerSettings[];
  /** The settings that the address of each is from. */
  readonly setBy?: ((index: number) => AddressSettings) | undefined;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** By the names of the listeners; the others are opened anew. */
  readonly inherited?: Inheritance | undefined;
  /** Creates the files of unix sockets. */
  readonly files?: PrivilegedFiles | undefined;
}

/** One of them, open. */
export interface OpenListener {
  /** Its address as it was asked for. */
  readonly name: string;
  /** Where it is; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  readonly scheduling: ListenerSettings["scheduling"];
  /** For a process that is to inherit it. */
  readonly fd: number;
  /** The file of a unix socket is neither this process's nor its heir's. */
  readonly keepsFile: boolean;
}

/** A listener, as people are shown it. */
export type Listening = ListenAddress & {
  readonly scheme: "http" | "https";
  readonly scheduling: "balanced" | "shared";
};

const ACCEPT_ERROR_LOG_MS = 10_000;

export class Listeners {
  readonly #options: ListenersOptions;
  readonly #names: readonly string[];
  /** In the order of the settings: workers are told their places. */
  readonly #sockets: ListenSocket[] = [];
  /** Whether it is still to be said that all of them listen. */
  #mayAnnounce = false;
  #acceptErrorLoggedAt = Number.NEGATIVE_INFINITY;

  private constructor(options: ListenersOptions) {
    this.#options = options;
    this.#names = listenerNames(options.settings);
  }

  /**
   * Has all the addresses from then on. Nobody is accepted yet.
   *
   * @throws StartError that says which address cannot be had, and why
   */
  static async open(options: ListenersOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    try {
      await listeners.#open();
    } catch (error) {
      // Who has passed them on goes on with them.
      listeners.close(new Set(options.inherited?.keys()));
      throw error;
    }
    return listeners;
  }

  get all(): readonly OpenListener[] {
    const { settings } = this.#options;
    return this.#sockets.map(({ address, fd }, index) => ({
      name: this.#names[index] ?? "",
      address,
      scheduling: settings[index]?.scheduling ?? "balanced",
      fd,
      keepsFile: this.#inherited(index)?.keepsFile ?? false,
    }));
  }

  /**
   * Accepts from now on. Where workers do, clients are refused before one of
   * them is ready.
   *
   * @throws StartError where a socket cannot listen
   */
  accept(): void {
    for (const socket of this.#sockets) socket.accept();
    this.#mayAnnounce = true;
    const needsWorkers = this.#options.settings.some(
      ({ scheduling }, index) => {
        return scheduling === "shared" && !this.#inherited(index);
      },
    );
    if (!needsWorkers) this.#announce();
  }

  /** A worker accepts on those that are shared, if that was allowed. */
  onWorkerAccepts(): void {
    if (this.#mayAnnounce) this.#announce();
  }

  /** Gives a worker, before it boots, what it is to accept on by itself. */
  giveTo(worker: {
    send(message: MasterMessage, handle: RawHandle): void;
  }): void {
    for (const [listener, { sharedHandle }] of this.#sockets.entries()) {
      if (sharedHandle) worker.send({ type: "listen", listener }, sharedHandle);
    }
  }

  /**
   * Accepts no more.
   *
   * @param elsewhere names of those on which another process accepts
   */
  close(elsewhere: ReadonlySet<string> = new Set()): void {
    for (const [index, socket] of this.#sockets.entries()) {
      const keepsFile = elsewhere.has(this.#names[index] ?? "");
      socket.close({ keepsFile });
    }
  }

  nameOf(index: number): string {
    return this.#names[index] ?? "";
  }

  /** A client that another process has accepted on the one of that name. */
  adopt(handle: RawHandle, name: string): void {
    const index = this.#names.indexOf(name);
    // Without such a listener it is as if it were refused.
    if (index < 0) (handle as RawHandle & { close(): void }).close();
    else this.#options.dispatcher.adopt(handle, index);
  }

  #announce(): void {
    this.#mayAnnounce = false;
    const { settings, logger } = this.#options;
    for (const [index, listener] of settings.entries()) {
      const socket = this.#sockets[index] as ListenSocket;
      const { scheduling } = listener;
      const scheme = schemeOf(listener);
      // Not before: who reads this may connect at once.
      logger.info({ ...socket.address, scheme, scheduling }, "listening");
    }
  }

  #inherited(index: number): InheritedSocket | undefined {
    return this.#options.inherited?.get(this.#names[index] ?? "");
  }

  async #open(): Promise<void> {
    const { settings, dispatcher, files, setBy } = this.#options;
    for (const [index, listener] of settings.entries()) {
      const { address, backlog, scheduling } = listener;
      const socket = await ListenSocket.open({
        ...{ address, backlog, scheduling, files },
        setBy: setBy?.(index),
        ...this.#inherited(index),
        onConnection: (handle) => dispatcher.offer(handle, index),
        onAcceptError: (code) => this.#onAcceptError(code, socket.address),
      });
      this.#sockets.push(socket);
    }
  }

  /** When descriptors run out this comes many times a second. */
  #onAcceptError(code: string, address: ListenAddress): void {
    const { dispatcher, clock, logger } = this.#options;
    dispatcher.countFailedAccept();
    const now = clock.now();
    if (now - this.#acceptErrorLoggedAt < ACCEPT_ERROR_LOG_MS) return;
    this.#acceptErrorLoggedAt = now;
    logger.error({ code, ...address }, "a connection could not be accepted");
  }
}

/** The scheme that clients of a listener use. */
export function schemeOf({ tls }: Pick<Settings, "tls">): Listening["scheme"] {
  return tls.certFile === undefined ? "http" : "https";
}
