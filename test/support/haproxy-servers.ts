import { once } from "node:events";
import net from "node:net";
import { text } from "node:stream/consumers";

/** State of a server in HAProxy's statistics. */
export interface HaproxyServer {
  readonly backend: string;
  readonly name: string;
  /** "UP", "DRAIN (agent)", "DOWN (agent)", "MAINT", … */
  readonly status: string;
  /** Effective weight. */
  readonly weight: number;
  /** Last agent response, with HAProxy's comment. */
  readonly agent: string;
}

/** Reads the servers of all backends from the `stats socket`. */
export async function haproxyServers(
  socketPath: string,
): Promise<HaproxyServer[]> {
  const [head = "", ...lines] = (await askHaproxy(socketPath, "show stat"))
    .trim()
    .split("\n");
  const names = head.replace("# ", "").split(",");
  return lines
    .map((line) => {
      const values = line.split(",");
      return (name: string) => values[names.indexOf(name)] ?? "";
    })
    .filter((column) => column("type") === "2")
    .map((column) => ({
      backend: column("pxname"),
      name: column("svname"),
      status: column("status"),
      weight: Number(column("weight")),
      agent: column("last_agt"),
    }));
}

/** Sends a command and returns the response. */
export async function askHaproxy(
  socketPath: string,
  command: string,
): Promise<string> {
  const socket = net.connect(socketPath);
  await once(socket, "connect");
  socket.end(`${command}\n`);
  return text(socket);
}
