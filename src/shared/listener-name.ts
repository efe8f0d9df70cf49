import { hostAndPort } from "./host-and-port.ts";
import type { ListenAddress } from "./listen-address.ts";

/** Names a listener by its address, as the settings have it. */
export function listenerName(address: ListenAddress): string {
  return "socketPath" in address
    ? `unix:${address.socketPath}`
    : hostAndPort(address);
}

/**
 * Names by which listeners are found again: in a reload, and by a master that
 * inherits their sockets. Listeners with the same address, as with port 0, are
 * numbered.
 */
export function listenerNames(
  listeners: readonly { readonly address: ListenAddress }[],
): string[] {
  const counts = new Map<string, number>();
  return listeners.map(({ address }) => {
    const name = listenerName(address);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}
