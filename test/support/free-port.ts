import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";

/** Ports that were returned or tried. */
const taken = new Set<number>();

/**
 * Returns a currently unused port, for a program that cannot choose one. It is
 * none of those that the system gives to clients and for port 0, so that
 * nothing else gets it before the program listens.
 */
export async function freePort(): Promise<number> {
  const first = 10_000;
  const count = firstEphemeralPort() - first;
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

function firstEphemeralPort(): number {
  try {
    const range = readFileSync(
      "/proc/sys/net/ipv4/ip_local_port_range",
      "utf8",
    );
    return Math.max(Number.parseInt(range, 10), 20_000);
  } catch {
    return 32_768; // not on Linux
  }
}
