/**
 * The listeners that workers ask for: the configured ones for an app, and those
 * on which a program calls `listen()`. The first worker that asks for an
 * address makes the master bind it; other workers and later generations share
 * it.
 *
 * Configured addresses come first: a program's first address stands for the
 * first configured one, and so on, so `--port` decides where it is reached.
 */
import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import { listenerName } from "../../shared/addresses/listen-address.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type {
  BindRequest,
  BoundAddress,
  ProgramAddress,
} from "../../shared/program-listener.ts";
import { messageOf } from "../../shared/thrown-value.ts";
import type { StartError } from "../start-error.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type ListenerSet, schemeOf } from "./listener-set.ts";

export interface ProgramListenersOptions {
  readonly listeners: ListenerSet;
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
}

/** The hosts that mean all addresses. */
const WILDCARDS = ["::", "0.0.0.0"];

/** Errors of a host without IPv6. */
const NO_IPV6 = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/** Limit for one worker: each listener is a socket of the master. */
const MAX_LISTENERS = 64;

export class ProgramListeners {
  readonly #options: ProgramListenersOptions;
  /** Numbers of the listeners that a worker serves, by its id. */
  readonly #served = new Map<number, Set<number>>();
  /** Number of a worker's requests without an answer, by its id. */
  readonly #pending = new Map<number, number>();
  /** Listeners that are being opened, by name. */
  readonly #opening = new Map<string, Promise<number>>();
  /** Addresses that stand for configured ones, in order, by generation. */
  readonly #claims = new Map<number, string[]>();

  constructor(options: ProgramListenersOptions) {
    this.#options = options;
  }

  /** The listeners that a worker serves, kept up to date. */
  servedBy({ id }: Pick<WorkerHandle, "id">): Set<number> {
    const served = this.#served.get(id) ?? new Set();
    this.#served.set(id, served);
    return served;
  }

  /** The worker has an app, which serves the configured listeners. */
  onAppReady(worker: WorkerHandle): void {
    const served = this.servedBy(worker);
    for (const number of this.#options.listeners.givenNumbers) {
      served.add(number);
    }
  }

  /** Answers the worker with "bound" or "bindFailed". */
  async bind(worker: WorkerHandle, request: BindRequest): Promise<void> {
    const { listeners, dispatcher, logger } = this.#options;
    const { id } = request;
    this.#count(worker, 1);
    try {
      const listener = await this.#listenerFor(worker, request);
      const opened = listeners.all.find(({ number }) => number === listener);
      if (!opened) throw new Error("the listener was closed meanwhile");
      this.servedBy(worker).add(listener);
      if (!listeners.givenNumbers.includes(listener)) {
        listeners.sendTo(worker, listener);
      }
      const address = boundAddress(opened.address);
      worker.send({ type: "bound", id, listener, address });
      dispatcher.placeWaiting();
    } catch (error) {
      const message = messageOf(error);
      const { code = "EINVAL" } = error as Partial<StartError>;
      logger.debug({ code, pid: worker.pid }, message);
      worker.send({ type: "bindFailed", id, code, message });
    } finally {
      this.#count(worker, -1);
    }
  }

  /**
   * The program of a worker has closed its server. One that drains closes all:
   * its listeners stay open for other workers.
   */
  unbind(worker: WorkerHandle, listener: number): void {
    if (worker.state === "draining") return;
    this.servedBy(worker).delete(listener);
    this.#closeUnserved(listener);
  }

  onGone({ id }: WorkerHandle): void {
    this.#served.delete(id);
  }

  /**
   * Closes listeners that no worker asks for any more. Call it when the workers
   * are those of the target generation.
   *
   * @param staying the workers that do not drain
   */
  closeUnused(staying: readonly WorkerHandle[]): void {
    if (this.#opening.size > 0) return;
    const ids = staying.map(({ id }) => id);
    for (const id of this.#served.keys()) {
      if (!ids.includes(id)) this.#served.delete(id);
    }
    const generations = staying.map(({ generation }) => generation);
    for (const generation of this.#claims.keys()) {
      if (!generations.includes(generation)) this.#claims.delete(generation);
    }
    for (const { number } of this.#options.listeners.all) {
      this.#closeUnserved(number);
    }
  }

  #closeUnserved(number: number): void {
    const { listeners, dispatcher } = this.#options;
    if (listeners.givenNumbers.includes(number)) return;
    for (const served of this.#served.values()) if (served.has(number)) return;
    listeners.closeOne(number);
    dispatcher.closeListener(number);
  }

  async #listenerFor(
    worker: WorkerHandle,
    request: BindRequest,
  ): Promise<number> {
    const { listeners } = this.#options;
    const { address } = request;
    if (address === "configured") {
      return this.#once("configured", () => listeners.openConfigured(0));
    }
    const name = nameOf(address);
    if (this.#isFull(worker)) throw tooMany();
    const claimed = this.#claim(worker, name);
    if (claimed !== undefined) return claimed;
    const served = this.servedBy(worker);
    for (const known of namesLike(address)) {
      const number = await (this.#opening.get(known) ??
        listeners.numberOf(known));
      if (number === undefined) continue;
      if (served.has(number)) throw inUse(name);
      return number;
    }
    return this.#once(name, () => this.#open(worker, request, address));
  }

  /**
   * Number of the configured listener for which an address of a program stands,
   * if one is left.
   */
  #claim({ generation }: WorkerHandle, name: string): number | undefined {
    const { listeners, logger } = this.#options;
    const given = listeners.givenNumbers;
    const claims = this.#claims.get(generation) ?? [];
    this.#claims.set(generation, claims);
    const known = claims.indexOf(name);
    if (known >= 0) return given[known];
    const number = given[claims.length];
    if (number === undefined) return undefined;
    claims.push(name);
    const configured = listeners.nameOf(number);
    if (configured !== name) {
      const fields = { asked: name, configured };
      logger.info(fields, "the program gets the configured address");
    }
    return number;
  }

  async #open(
    { settings }: WorkerHandle,
    request: BindRequest,
    address: ProgramAddress,
  ): Promise<number> {
    const { listeners } = this.#options;
    const { scheduling, backlog } = settings;
    const inherited = namesLike(address).find((each) => {
      return listeners.isInherited(each);
    });
    const wanted = {
      name: inherited ?? nameOf(address),
      backlog: request.backlog ?? backlog,
      scheduling,
      scheme: request.isTls ? ("https" as const) : schemeOf(settings),
    };
    const addresses = addressesFor(address);
    try {
      return await listeners.openMore({ ...wanted, address: addresses[0] });
    } catch (error) {
      const [, other] = addresses;
      const { code = "" } = error as Partial<StartError>;
      if (!other || !NO_IPV6.includes(code)) throw error;
      return listeners.openMore({ ...wanted, address: other });
    }
  }

  /** With those that the worker has asked for, this one included. */
  #isFull(worker: WorkerHandle): boolean {
    const pending = this.#pending.get(worker.id) ?? 0;
    return this.servedBy(worker).size + pending > MAX_LISTENERS;
  }

  #count({ id }: WorkerHandle, change: 1 | -1): void {
    const pending = (this.#pending.get(id) ?? 0) + change;
    if (pending > 0) this.#pending.set(id, pending);
    else this.#pending.delete(id);
  }

  /** Shares one attempt among the workers that ask at the same time. */
  async #once(name: string, open: () => Promise<number>): Promise<number> {
    const opening = this.#opening.get(name) ?? open();
    this.#opening.set(name, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(name);
    }
  }
}

/** Without a host: IPv6, which accepts IPv4 too, or IPv4 only. */
function addressesFor(
  address: ProgramAddress,
): [ListenAddress, ListenAddress?] {
  if ("socketPath" in address) return [address];
  const { port, host, ipv6Only } = address;
  if (host !== undefined) return [{ host, port, ipv6Only }];
  return [
    { host: "::", port, ipv6Only },
    { host: "0.0.0.0", port },
  ];
}

/** Port 0 means another port for each request of a worker. */
function nameOf(address: ProgramAddress): string {
  const [first] = addressesFor(address);
  const { ordinal } = address as { ordinal?: number };
  const name = listenerName(first);
  return ordinal === undefined ? name : `${name}#${ordinal}`;
}

/** Names of listeners that accept the clients of the address. */
function namesLike(address: ProgramAddress): string[] {
  const name = nameOf(address);
  if ("socketPath" in address || address.ordinal !== undefined) return [name];
  const { port, host = "::", ipv6Only } = address;
  if (!WILDCARDS.includes(host) || ipv6Only) return [name];
  const others = WILDCARDS.map((each) => listenerName({ host: each, port }));
  return [...new Set([name, ...others])];
}

function boundAddress(address: ListenAddress): BoundAddress {
  if ("socketPath" in address) return address.socketPath;
  const { host, port } = address;
  const family = host.includes(":") ? "IPv6" : "IPv4";
  return { address: host, family, port };
}

function tooMany(): Error {
  const text = `a worker has at most ${MAX_LISTENERS} listeners`;
  return Object.assign(new Error(text), { code: "EMFILE" });
}

function inUse(name: string): Error {
  const error = new Error(`the program listens on ${name} already`);
  return Object.assign(error, { code: "EADDRINUSE" });
}
