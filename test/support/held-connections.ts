import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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
