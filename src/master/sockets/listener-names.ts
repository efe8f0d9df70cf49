import type { ListenAddress } from "../../shared/listen-address.ts";
import { listenerName } from "../../shared/listener-name.ts";

/**
 * Names by which listeners are found again: in a reload, and by a master that
 * inherits their sockets. Several that want any port are numbered.
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
