import { hostAndPort } from "./host-and-port.ts";
import type { ListenAddress } from "./listen-address.ts";

/** What a listener is called: its address, as it was asked for. */
export function listenerName(address: ListenAddress): string {
  return "socketPath" in address
    ? `unix:${address.socketPath}`
    : hostAndPort(address);
}
