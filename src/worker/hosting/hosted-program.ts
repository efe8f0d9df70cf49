/**
 * An app module that is a program: it makes servers of `node:http` and calls
 * their `listen()`.
 */
import cluster from "node:cluster";
import type { Server } from "node:http";
import { listenersOf, listenerWith } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type {
  MasterMessage,
  WorkerMessage,
} from "../../shared/ipc-messages.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import { emitClientError } from "../adapters/client-error.ts";
import { HostedServer } from "../adapters/hosted-server.ts";
import { handlerOf } from "../adapters/node-handler.ts";
import { acceptedBy, isTlsServer } from "../adapters/node-server.ts";
import { ServerAgents } from "../adapters/server-agents.ts";
import { App } from "../app/app.ts";
import type { WorkerListeners } from "../worker-listeners.ts";
import { identify } from "./program-identity.ts";
import { IdleWatch } from "./program-process.ts";
import type { ServerConnections } from "./program-server.ts";
import { ProgramServers } from "./program-servers.ts";
import {
  maxConnectionsOf,
  settingsWithoutEffect,
  stricterLimits,
} from "./server-limits.ts";

export interface HostedProgramOptions {
  readonly settings: Settings;
  /** Its number among the workers, from 1. */
  readonly slot: number;
  readonly listeners: WorkerListeners;
  readonly logger: Logger;
  readonly send: (message: WorkerMessage) => void;
}

type BindAnswer = Extract<MasterMessage, { type: "bound" | "bindFailed" }>;

/** Id of the request for the configured listener; those of servers are more. */
const CONFIGURED = 0;

export class HostedProgram {
  readonly #options: HostedProgramOptions;
  readonly #servers: ProgramServers;
  readonly #firstListen: Promise<"listens">;
  #onConfigured: (answer: BindAnswer) => void = () => {};

  constructor(options: HostedProgramOptions) {
    const { send } = options;
    this.#options = options;
    let onFirstListen = () => {};
    this.#firstListen = new Promise((resolve) => {
      onFirstListen = () => resolve("listens");
    });
    this.#servers = new ProgramServers({
      bind: (request) => send({ type: "bind", ...request }),
      serve: (server, listener) => this.#serve(server, listener),
      release: (listener) => send({ type: "unbind", listener }),
      onFirstListen,
    });
  }

  /** Call it before the module is loaded. */
  install(): void {
    const { settings, slot } = this.#options;
    this.#servers.install();
    if (settings.app !== undefined) identify(settings.app, slot);
    Object.assign(cluster, { fork: refuseToFork });
  }

  get hasListened(): boolean {
    return this.#servers.hasListened;
  }

  /**
   * Resolves when the program listens, and the master has answered.
   *
   * @throws problem if the program ends without having listened
   */
  async whenListening(problem: Error): Promise<void> {
    if (!this.hasListened) {
      const idle = new IdleWatch();
      const ended = idle.whenIdle().then(() => "ended");
      const first = await Promise.race([this.#firstListen, ended]);
      idle.stop();
      if (first === "ended") throw problem;
    }
    await this.#servers.whenSettled();
  }

  /** Resolves when the master has answered all servers so far. */
  whenSettled(): Promise<void> {
    return this.#servers.whenSettled();
  }

  /**
   * Asks the master to open the configured listener, for an app.
   *
   * @throws Error with the reason why the address is not available
   */
  openConfigured(): Promise<void> {
    const { send } = this.#options;
    send({ type: "bind", id: CONFIGURED, address: "configured" });
    return new Promise((resolve, reject) => {
      this.#onConfigured = (answer) => {
        if (answer.type === "bound") resolve();
        else reject(new Error(answer.message));
      };
    });
  }

  onAnswer(answer: BindAnswer): void {
    const { id } = answer;
    if (id === CONFIGURED) this.#onConfigured(answer);
    else if (answer.type === "bound") {
      this.#servers.onBound(id, answer.listener, answer.address);
    } else this.#servers.onFailed(id, answer.code, answer.message);
  }

  /** A connection has opened or closed. */
  onCountChanged(): void {
    this.#servers.onCountChanged();
  }

  #logLimits(server: Server, stricter: object): void {
    const { logger } = this.#options;
    if (Object.keys(stricter).length > 0) {
      logger.debug(stricter, "limits of the program's server");
    }
    const settings = settingsWithoutEffect(server);
    if (settings.length === 0) return;
    const text = "a setting of the program's server has no effect";
    logger.warn({ settings }, text);
  }

  #serve(server: Server, number: number): ServerConnections {
    const { settings, listeners, logger, send } = this.#options;
    const { maxBodyBytes } = settings;
    const app = new App({
      fallback: handlerOf(new HostedServer(server)),
    }).prepare();
    const isAny = maxBodyBytes === "auto";
    const own = listenersOf(settings)[number] ?? listenerWith(settings);
    const limits = stricterLimits(server, { ...settings, ...own.timeouts });
    this.#logLimits(server, limits);
    if (own.sticky && isTlsServer(server)) {
      logger.warn("sticky sessions have no effect with TLS");
    }
    const listener = listeners.add(number, own, {
      handler: app.handle.bind(app),
      maxBodyBytes: isAny ? Number.POSITIVE_INFINITY : maxBodyBytes,
      tlsServer: isTlsServer(server) ? server : undefined,
      accepts: acceptedBy(server),
      agents: new ServerAgents(server),
      onRefused: (error, client) => emitClientError(server, error, client),
      onLingering: () => this.onCountChanged(),
      limits,
      ownLimit: {
        max: maxConnectionsOf(server),
        onDropped: () => server.emit("drop"),
      },
    });
    return {
      get count() {
        return listener.unfinishedCount;
      },
      closeIdle: () => listener.closeIdle(),
      abortAll: () => listener.abortAll(),
      shutdown: () => {
        listeners.close(number);
        send({ type: "unbind", listener: number });
      },
    };
  }
}

function refuseToFork(): never {
  throw new Error(
    "this process is a worker of Remuda, which forks the workers itself (the " +
      "setting workers); cluster.isPrimary is false here",
  );
}
