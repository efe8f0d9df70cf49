import { readFileSync } from "node:fs";
import type { ServerAddress } from "./server-address.ts";

const LISTEN = "0A";

/**
 * Whether a socket listens on the address in the network namespace of the
 * process. A test connection would not do, because the server would have to
 * serve it.
 */
export function processListens(pid: number, address: ServerAddress): boolean {
  if ("port" in address) return listeningPorts(pid).has(address.port);
  return linesOf(pid, "unix").some((line) => line.endsWith(address.socketPath));
}

function listeningPorts(pid: number): Set<number> {
  const lines = [...linesOf(pid, "tcp"), ...linesOf(pid, "tcp6")];
  const listening = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTEN);
  // "sl local_address rem_address st", with the address as "0100007F:1F90".
  return new Set(
    listening.map(([, local = ""]) => {
      return Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
    }),
  );
}

function linesOf(pid: number, table: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n");
  } catch {
    // The process has exited, or there is no IPv6.
    return [];
  }
}
