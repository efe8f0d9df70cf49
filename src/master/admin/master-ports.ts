/**
 * The ports that the master itself serves: the admin port and, if configured,
 * the port for HAProxy's agent-check.
 */

import {
  type ListenAddress,
  listenerName,
} from "../../shared/addresses/listen-address.ts";
import { readAdminToken } from "../../shared/config/checks/admin-token.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { ConnectionLimits } from "../sockets/connection-limits.ts";
import { masterPortSettings } from "../sockets/listen-error.ts";
import {
  type ListenSocket,
  type MasterPort,
  type MasterSocketOptions,
  openMasterSocket,
} from "../sockets/listen-socket.ts";
import type { WantedSocket } from "../sockets/received-sockets.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import { adminGuard } from "./admin-guard.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";
import { AgentPort } from "./agent-port.ts";
import type { BalancerStatus } from "./balancer-status.ts";

export interface MasterPortsOptions {
  readonly settings: Settings;
  /** Origins of the settings. */
  readonly origins: LoadedSettings["origins"];
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
  /** Creates the files of unix sockets. */
  readonly files: PrivilegedFiles;
  /** Provides the settings of the last reload. */
  readonly server: Pick<SupervisorView, "settings">;
  /** Provides the answer to agent-check. */
  readonly balancer: Pick<BalancerStatus, "agentAnswer">;
}

export type AgentCheck = ListenAddress & { readonly answer: string };

type Wanted = Pick<WantedSocket, "name" | "address">;

export class MasterPorts {
  readonly #options: MasterPortsOptions;
  readonly #wantedAdmin: Wanted;
  readonly #wantedAgent: Wanted | undefined;
  #admin: AdminPort | undefined;
  #agent: AgentPort | undefined;

  constructor(options: MasterPortsOptions) {
    const { settings } = options;
    const agent = agentAddress(settings);
    this.#options = options;
    this.#wantedAdmin = wantedSocket("admin", adminAddress(settings));
    this.#wantedAgent = agent && wantedSocket("agent", agent);
  }

  /** The configured ports and their addresses. */
  get wanted(): readonly Wanted[] {
    const agent = this.#wantedAgent;
    return agent ? [this.#wantedAdmin, agent] : [this.#wantedAdmin];
  }

  /** The open ports, by the names of `wanted`. */
  get all(): ReadonlyMap<string, MasterPort> {
    const ports = [this.#admin, this.#agent];
    return new Map(
      this.wanted.flatMap(({ name }, index) => {
        const port = ports[index];
        return port ? [[name, port]] : [];
      }),
    );
  }

  get adminAddress(): ListenAddress | undefined {
    return this.#admin?.address;
  }

  /** The agent-check port and its current answer. */
  get agentCheck(): AgentCheck | undefined {
    const answer = this.#options.balancer.agentAnswer;
    return this.#agent && { ...this.#agent.address, answer };
  }

  /** @throws StartError that names the unavailable address and the reason */
  async open(inherited: Inheritance, pages: AdminPages): Promise<void> {
    const { logger, files, limits, origins } = this.#options;
    const { server, balancer } = this.#options;
    const optionsOf = ({ name, address }: Wanted) => {
      return { address, inherited: inherited.get(name), files };
    };
    if (this.#wantedAgent) {
      const setBy = masterPortSettings("agentCheck", origins);
      const where = { ...optionsOf(this.#wantedAgent), setBy };
      const agent = await AgentPort.open(where, () => balancer.agentAnswer, {
        maxConnections: limits.agentCheck,
      });
      this.#agent = agent;
      logger.info(agent.address, "agent check listening");
    }
    // Opened last, because the caller may hold it at once.
    const where = optionsOf(this.#wantedAdmin);
    const guard = adminPortGuard(server);
    this.#admin = await AdminPort.open({
      ...where,
      setBy: masterPortSettings("admin", origins),
      pages: { ...pages, guard },
      maxConnections: limits.adminPort,
    });
    logger.info(this.#admin.address, "admin listening");
  }

  /** Holds admin requests until it is known which master answers. */
  hold(): void {
    this.#admin?.hold();
  }

  /** Answers admin requests in this master. */
  resume(): void {
    this.#admin?.resume();
  }

  /**
   * Closes the ports when this master exits.
   *
   * @param elsewhere names of the ports on which another master answers;
   * undefined if there is no other master
   */
  leave(elsewhere: ReadonlySet<string> | undefined): void {
    if (elsewhere?.has(this.#wantedAdmin.name)) this.#admin?.forward();
    else this.#admin?.resume();
    // If another master answers, "drain" would be wrong.
    if (elsewhere) this.#agent?.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin?.close(), this.#agent?.close()]);
  }
}

function adminAddress({ admin }: Settings): ListenAddress {
  const { host, port, socketPath, socketMode: mode } = admin;
  if (socketPath === undefined) return { host, port };
  return { socketPath, ...(mode !== undefined && { mode }) };
}

/** Undefined if no agent-check is configured. */
function agentAddress({
  agentCheck: { host, port },
}: Settings): ListenAddress | undefined {
  return port === undefined ? undefined : { host, port };
}

/** The next master finds the socket by this name, whatever its actual port. */
function wantedSocket(kind: string, address: ListenAddress): Wanted {
  return { name: `${kind}:${listenerName(address)}`, address };
}

/** Reads the token at each request, because it may change at run time. */
function adminPortGuard(server: Pick<SupervisorView, "settings">) {
  const address = adminAddress(server.settings);
  return adminGuard({
    // Browsers cannot reach a unix socket.
    host: "host" in address ? address.host : "",
    token: () => {
      const { tokenFile } = server.settings.admin;
      return tokenFile === undefined ? undefined : readAdminToken(tokenFile);
    },
  });
}

export interface AdminPortOptions extends MasterSocketOptions {
  readonly pages: AdminPages;
  /** Connections over this limit are closed at once. */
  readonly maxConnections?: number | undefined;
}

/** The admin server and its socket. The socket goes from master to master. */
export class AdminPort implements MasterPort {
  readonly keepsFile: boolean;
  readonly #socket: ListenSocket;
  readonly #server: AdminServer;
  #isForwarding = false;

  private constructor(
    socket: ListenSocket,
    server: AdminServer,
    keepsFile: boolean,
  ) {
    this.keepsFile = keepsFile;
    this.#socket = socket;
    this.#server = server;
  }

  /** @throws StartError with the reason if the address is not available */
  static async open(options: AdminPortOptions): Promise<AdminPort> {
    const socket = await openMasterSocket(options);
    const { pages, maxConnections } = options;
    const server = await AdminServer.open(socket, pages, maxConnections).catch(
      (error: NodeJS.ErrnoException) => Promise.reject(socket.toError(error)),
    );
    return new AdminPort(socket, server, options.inherited?.keepsFile ?? false);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get address(): ListenAddress {
    return this.#socket.address;
  }

  /** Holds requests until it is known which master answers. */
  hold(): void {
    this.#server.hold();
  }

  /** Answers requests in this master. */
  resume(): void {
    this.#server.resume();
  }

  /** Forwards requests to another master, which listens on the same socket. */
  forward(): void {
    this.#isForwarding = true;
    this.#server.forwardTo(this.address);
  }

  close(): Promise<void> {
    this.#socket.close({ keepsFile: this.#isForwarding });
    return this.#server.close();
  }
}
