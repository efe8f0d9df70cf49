/**
 * A network for one run: a bridge, and a network namespace per instance,
 * connected to the bridge by a pair of veth devices. All names start with the
 * pid of the run, so that a later run can remove the leftovers of a crashed
 * one.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import type { Network, Place } from "./place.ts";

const PREFIX = "rlb";
/** Reserved for network benchmarks (RFC 2544), so no host uses it. */
const SUBNET = "198.18";
const PORTS = { port: 8080, adminPort: 9090, agentPort: 8081 };

export class NamespaceNetwork implements Network {
  readonly description = "network namespaces";
  readonly #bridge: string;
  readonly #places: Place[] = [];

  /** @throws Error if the machine does not permit it */
  static open(count: number): NamespaceNetwork {
    removeLeftovers();
    const network = new NamespaceNetwork(`${PREFIX}${process.pid}b`);
    try {
      network.#create(count);
      return network;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  private constructor(bridge: string) {
    this.#bridge = bridge;
  }

  get places(): readonly Place[] {
    return this.#places;
  }

  close(): void {
    removeOf(process.pid);
  }

  #create(count: number): void {
    const subnet = `${SUBNET}.${freeOctet()}`;
    ip("link", "add", this.#bridge, "type", "bridge");
    ip("addr", "add", `${subnet}.1/24`, "dev", this.#bridge);
    ip("link", "set", this.#bridge, "up");
    for (let number = 1; number <= count; number++) {
      const name = `${PREFIX}${process.pid}n${number}`;
      const host = `${subnet}.${10 + number}`;
      this.#createNamespace(name, host);
      const launcher = ["ip", "netns", "exec", name];
      this.#places.push({ host, ...PORTS, launcher });
    }
  }

  #createNamespace(name: string, host: string): void {
    ip("netns", "add", name);
    const pair = ["type", "veth", "peer", "name", "eth0", "netns", name];
    ip("link", "add", name, ...pair);
    ip("link", "set", name, "master", this.#bridge, "up");
    ip("-n", name, "addr", "add", `${host}/24`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", name, "link", "set", "lo", "up");
  }
}

/** Removes the leftovers of killed runs. */
function removeLeftovers(): void {
  const makers = [...ip("netns", "list").split("\n"), ...bridges()]
    .map((name) => new RegExp(`^${PREFIX}(\\d+)`).exec(name)?.[1])
    .filter((pid) => pid !== undefined)
    .map(Number);
  for (const pid of new Set(makers)) {
    if (pid === process.pid || !signalIfAlive(pid, 0)) removeOf(pid);
  }
}

function removeOf(maker: number): void {
  const isOurs = (name: string) => {
    return new RegExp(`^${PREFIX}${maker}[a-z]`).test(name);
  };
  const namespaces = ip("netns", "list")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  for (const name of namespaces.filter(isOurs)) {
    // Only a run starts processes in there, so all of them belong to it.
    const pids = ip("netns", "pids", name).split("\n").filter(Boolean);
    for (const pid of pids) signalIfAlive(Number(pid), "SIGKILL");
    // Removes both ends of its veth pair now, not when the last socket closes.
    spawnSync("ip", ["link", "del", name]);
    ip("netns", "del", name);
  }
  for (const name of bridges().filter(isOurs)) ip("link", "del", name);
}

function bridges(): string[] {
  const lines = ip("-o", "link", "show", "type", "bridge").split("\n");
  return lines.map((line) => line.split(": ")[1] ?? "");
}

/** Another run may use a network at the same time. */
function freeOctet(): number {
  const taken = ip("-o", "-4", "addr", "show");
  let octet = process.pid % 256;
  while (taken.includes(`${SUBNET}.${octet}.1/`)) octet = (octet + 1) % 256;
  return octet;
}

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
