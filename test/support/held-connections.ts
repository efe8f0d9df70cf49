import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** TCP_LISTEN in the kernel's tcp_states.h. */
const LISTEN = "0A";

/** Client ports of the TCP connections that a process has open (Linux). */
export function heldConnections(pid: number): ReadonlySet<number> {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return /^socket:\[(\d+)\]$/.exec(target)?.[1];
    }),
  );
  const [, ...rows] = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const ports = rows.flatMap((row) => {
    // "sl local remote state queues timer retransmits uid timeout inode …"
    const columns = row.trim().split(/\s+/);
    const [remote = "", inode] = [columns[2], columns[9]];
    if (!inode || !inodes.has(inode)) return [];
    return Number.parseInt(remote.slice(remote.indexOf(":") + 1), 16);
  });
  return new Set(ports);
}

/** Connections that a listener's process has not accepted yet (Linux, IPv4). */
export function waitingToBeAccepted(port: number): number {
  const [, ...rows] = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const counts = rows.map((row) => {
    const [, local = "", , state, queues = ""] = row.trim().split(/\s+/);
    const isListener = state === LISTEN;
    const own = Number.parseInt(local.slice(local.indexOf(":") + 1), 16);
    if (!isListener || own !== port) return 0;
    return Number.parseInt(queues.slice(queues.indexOf(":") + 1), 16);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
