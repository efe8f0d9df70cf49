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
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { AddressSettings } from "./listen-error.ts";
import { ListenSocket } from "./listen-socket.ts";

export interface ListenerSetOptions {
  readonly settings: readonly ListenerSettings[];
  /** Settings of each listener's address, for error messages. */
  readonly setBy?: readonly AddressSettings[] | undefined;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Creates the files of unix sockets. */
  readonly files?: PrivilegedFiles | undefined;
}

export interface OpenListener extends InheritedSocket {
  /** The configured address. */
  readonly name: string;
  /** Contains the actual port if the setting is 0. */
  readonly address: ListenAddress;
  readonly scheduling: ListenerSettings["scheduling"];
}

/** A listener in logs and in the status. */
export type Listening = ListenAddress & {
  readonly scheme: "http" | "https";
  readonly scheduling: "balanced" | "shared";
};

/**
 *   bound ─► accepting ─► announced
 *
 * "listening" is logged once clients are accepted on all sockets, on shared
 * ones by a worker: readers of that line may connect at once.
 */
type Phase = "bound" | "accepting" | "announced";

const PHASE_TRANSITIONS: TransitionTable<Phase> = {
  bound: ["accepting"],
  accepting: ["announced"],
  announced: [],
};

const ACCEPT_ERROR_LOG_MS = 10_000;

export class ListenerSet {
  readonly #options: ListenerSetOptions;
  readonly #names: readonly string[];
  /** In the order of the settings; messages to workers use this index. */
  readonly #sockets: ListenSocket[] = [];
  #inheritance: Inheritance = new Map();
  #phase: Phase = "bound";
  #acceptErrorLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ListenerSetOptions) {
    this.#options = options;
    this.#names = listenerNames(options.settings);
  }

  /**
   * Binds all addresses. No clients are accepted yet.
   *
   * @param inherited sockets by listener name; other addresses are bound anew
   * @throws StartError that names the unavailable address and the reason
   */
  async open(inherited: Inheritance = new Map()): Promise<void> {
    this.#inheritance = inherited;
    try {
      await this.#openSockets();
    } catch (error) {
      // The process that passed the inherited sockets still uses them.
      this.close(new Set(inherited.keys()));
      throw error;
    }
  }

  get all(): readonly OpenListener[] {
    const { settings } = this.#options;
    return this.#sockets.map(({ address, fd }, index) => ({
      name: this.nameOf(index),
      address,
      scheduling: settings[index]?.scheduling ?? "balanced",
      fd,
      keepsFile: this.#inherited(index)?.keepsFile ?? false,
    }));
  }

  /**
   * Accepts from now on. On shared sockets workers accept; until the first one
   * is ready, clients are refused there.
   *
   * @throws StartError if a socket cannot listen
   */
  accept(): void {
    for (const socket of this.#sockets) socket.accept();
    this.#phase = transition(PHASE_TRANSITIONS, this.#phase, "accepting");
    const needsWorkers = this.#options.settings.some(
      ({ scheduling }, index) => {
        return scheduling === "shared" && !this.#inherited(index);
      },
    );
    if (!needsWorkers) this.#announce();
  }

  /** Handles that a worker accepts on the shared sockets. */
  onWorkerAccepts(): void {
    if (this.#phase === "accepting") this.#announce();
  }

  /** Sends the shared sockets to a worker, before it boots. */
  sendSharedTo(worker: {
    send(message: MasterMessage, handle: RawHandle): void;
  }): void {
    for (const [listener, { sharedHandle }] of this.#sockets.entries()) {
      if (sharedHandle) worker.send({ type: "listen", listener }, sharedHandle);
    }
  }

  /**
   * Stops accepting.
   *
   * @param elsewhere names of the listeners on which another process accepts
   */
  close(elsewhere: ReadonlySet<string> = new Set()): void {
    for (const [index, socket] of this.#sockets.entries()) {
      socket.close({ keepsFile: elsewhere.has(this.nameOf(index)) });
    }
  }

  nameOf(index: number): string {
    return this.#names[index] ?? "";
  }

  /** Takes a client that another process accepted on the named listener. */
  adopt(handle: RawHandle, name: string): void {
    const index = this.#names.indexOf(name);
    // Without such a listener the client is disconnected, as if refused.
    if (index < 0) (handle as RawHandle & { close(): void }).close();
    else this.#options.dispatcher.adopt(handle, index);
  }

  #announce(): void {
    this.#phase = transition(PHASE_TRANSITIONS, this.#phase, "announced");
    const { settings, logger } = this.#options;
    for (const [index, listener] of settings.entries()) {
      const socket = this.#sockets[index] as ListenSocket;
      const { scheduling } = listener;
      const scheme = schemeOf(listener);
      logger.info({ ...socket.address, scheme, scheduling }, "listening");
    }
  }

  #inherited(index: number): InheritedSocket | undefined {
    return this.#inheritance.get(this.nameOf(index));
  }

  async #openSockets(): Promise<void> {
    const { settings, dispatcher, files, setBy } = this.#options;
    for (const [index, listener] of settings.entries()) {
      const { address, backlog, scheduling } = listener;
      const socket = await ListenSocket.open({
        ...{ address, backlog, scheduling, files },
        setBy: setBy?.[index],
        ...this.#inherited(index),
        onConnection: (handle) => dispatcher.offer(handle, index),
        onAcceptError: (code) => this.#onAcceptError(code, socket.address),
      });
      this.#sockets.push(socket);
    }
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

/** The scheme that clients of a listener use. */
export function schemeOf({ tls }: Pick<Settings, "tls">): Listening["scheme"] {
  return tls.certFile === undefined ? "http" : "https";
}
