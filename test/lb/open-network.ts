import { freePort } from "../support/free-port.ts";
import { NamespaceNetwork } from "./namespace-network.ts";
import type { Network, Place } from "./place.ts";

/** Opens network namespaces if the machine permits it, else uses loopback. */
export async function openNetwork(count: number): Promise<Network> {
  try {
    return NamespaceNetwork.open(count);
  } catch (error) {
    const [line] = (error as Error).message.trim().split("\n").slice(-1);
    return onLoopback(count, `no network namespaces: ${line}`);
  }
}

async function onLoopback(count: number, why: string): Promise<Network> {
  const places: Place[] = [];
  while (places.length < count) {
    places.push({
      host: "127.0.0.1",
      port: await freePort(),
      adminPort: await freePort(),
      agentPort: await freePort(),
      launcher: [],
    });
  }
  const description = `ports of 127.0.0.1 (${why})`;
  return { description, places, close: () => {} };
}
