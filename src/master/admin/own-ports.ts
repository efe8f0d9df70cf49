/**
 * The ports of the master's own: the admin port, and the one that HAProxy's
 * agent-check asks, if there is to be one.
 */

import {
  type ListenAddress,
  listenerName,
} from "../../shared/addresses/listen-address.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import type { WantedSocket } from "../sockets/activated-sockets.ts";
import { ownPortSettings } from "../sockets/address-settings.ts";
import type { ConnectionLimits } from "../sockets/connection-limits.ts";
import type { MasterPort } from "../sockets/master-socket.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import { adminAddress } from "./admin-address.ts";
import { AdminPort } from "./admin-port.ts";
import { adminPortGuard } from "./admin-port-guard.ts";
import type { AdminPages } from "./admin-server.ts";
import { agentAddress } from "./agent-check/agent-address.ts";
import { AgentPort } from "./agent-check/agent-port.ts";
import type { BalancerNews } from "./balancer-news.ts";

export interface OwnPortsOptions {
  readonly settings: Settings;
  /** Where they are from. */
  readonly origins: LoadedSettings["origins"];
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
  /** Creates the files of unix sockets. */
  readonly files: PrivilegedFiles;
  /** Has the settings of the last reload. */
  readonly server: Pick<SupervisorView, "settings">;
  /** Has the answer to agent-check. */
  readonly news: Pick<BalancerNews, "agentAnswer">;
}

export type AgentCheck = ListenAddress & { readonly answer: string };

type Seeker = Pick<WantedSocket, "name" | "address">;

export class OwnPorts {
  readonly #options: OwnPortsOptions;
  readonly #adminSeeker: Seeker;
  readonly #agentSeeker: Seeker | undefined;
  #admin: AdminPort | undefined;
  #agent: AgentPort | undefined;

  constructor(options: OwnPortsOptions) {
    const { settings } = options;
    const agent = agentAddress(settings);
    this.#options = options;
    this.#adminSeeker = seeker("admin", adminAddress(settings));
    this.#agentSeeker = agent && seeker("agent", agent);
  }

  /** Those that there are to be, by what was asked for. */
  get seekers(): readonly Seeker[] {
    const agent = this.#agentSeeker;
    return agent ? [this.#adminSeeker, agent] : [this.#adminSeeker];
  }

  /** Those that are open, by the same names. */
  get all(): ReadonlyMap<string, MasterPort> {
    const ports = [this.#admin, this.#agent];
    return new Map(
      this.seekers.flatMap(({ name }, index) => {
        const port = ports[index];
        return port ? [[name, port]] : [];
      }),
    );
  }

  get adminAddress(): ListenAddress | undefined {
    return this.#admin?.address;
  }

  /** With what is answered there at the moment. */
  get agentCheck(): AgentCheck | undefined {
    const answer = this.#options.news.agentAnswer;
    return this.#agent && { ...this.#agent.address, answer };
  }

  /** @throws StartError that says which address cannot be had, and why */
  async open(inherited: Inheritance, pages: AdminPages): Promise<void> {
    const { logger, files, limits, origins } = this.#options;
    const { server, news } = this.#options;
    const optionsOf = ({ name, address }: Seeker) => {
      return { address, inherited: inherited.get(name), files };
    };
    if (this.#agentSeeker) {
      const setBy = ownPortSettings("agentCheck", origins);
      const where = { ...optionsOf(this.#agentSeeker), setBy };
      const agent = await AgentPort.open(where, () => news.agentAnswer, {
        maxConnections: limits.agentCheck,
      });
      this.#agent = agent;
      logger.info(agent.address, "agent check listening");
    }
    // Last: the caller may hold it at once.
    const where = optionsOf(this.#adminSeeker);
    const guard = adminPortGuard(() => server.settings);
    this.#admin = await AdminPort.open({
      ...where,
      setBy: ownPortSettings("admin", origins),
      pages: { ...pages, guard },
      maxConnections: limits.adminPort,
    });
    logger.info(this.#admin.address, "admin listening");
  }

  /** Requests wait until it is clear which master answers. */
  hold(): void {
    this.#admin?.hold();
  }

  /** This one does. */
  resume(): void {
    this.#admin?.resume();
  }

  /**
   * This master leaves.
   *
   * @param elsewhere names of those on which another one answers; undefined
   *   where there is none
   */
  leave(elsewhere: ReadonlySet<string> | undefined): void {
    if (elsewhere?.has(this.#adminSeeker.name)) this.#admin?.forward();
    else this.#admin?.resume();
    // Where there is another one, "drain" would be wrong.
    if (elsewhere) this.#agent?.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin?.close(), this.#agent?.close()]);
  }
}

/** By its name the socket is found again, whatever the port has become. */
function seeker(kind: string, address: ListenAddress): Seeker {
  return { name: `${kind}:${listenerName(address)}`, address };
}
