/**
 * The address of a descriptor that another process has bound. Node would need a
 * handle, whose type depends on the address, so it is read from /proc. Sockets
 * of another network namespace (`PrivateNetwork=` of systemd) are not visible
 * there.
 */
import fs from "node:fs";
import os from "node:os";
import type { ListenAddress } from "../../shared/addresses/listen-address.ts";

/** The texts of the files in /proc/net. */
export interface SocketTables {
  readonly tcp: string;
  readonly tcp6: string;
  readonly unix: string;
}

/** Inode of the socket; undefined if the descriptor is not a socket. */
export function inodeOfSocket(fd: number): string | undefined {
  try {
    const link = fs.readlinkSync(`/proc/self/fd/${fd}`);
    return /^socket:\[(\d+)\]$/.exec(link)?.[1];
  } catch {
    return undefined;
  }
}

export function readSocketTables(): SocketTables {
  const read = (name: string) => {
    try {
      return fs.readFileSync(`/proc/net/${name}`, "utf8");
    } catch {
      return "";
    }
  };
  return { tcp: read("tcp"), tcp6: read("tcp6"), unix: read("unix") };
}

/** Address of the socket; undefined if the tables do not contain it. */
export function boundAddress(
  inode: string,
  tables: SocketTables,
): ListenAddress | undefined {
  return (
    portAddress(inode, tables.tcp) ??
    portAddress(inode, tables.tcp6) ??
    pathAddress(inode, tables.unix)
  );
}

/** "sl local_address rem_address st tx_queue … inode"; hexadecimal. */
function portAddress(inode: string, table: string): ListenAddress | undefined {
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[9] !== inode) continue;
    const [host = "", port = ""] = fields[1]?.split(":") ?? [];
    return { host: hostOf(host), port: Number.parseInt(port, 16) };
  }
  return undefined;
}

/** "Num RefCount Protocol Flags Type St Inode Path"; paths may have spaces. */
function pathAddress(inode: string, table: string): ListenAddress | undefined {
  for (const line of table.split("\n")) {
    const [, found, socketPath] = /^(?:\S+\s+){6}(\d+)\s(.+)$/.exec(line) ?? [];
    if (found === inode && socketPath) return { socketPath };
  }
  return undefined;
}

/** Words of 32 bits, each in the byte order of the machine. */
function hostOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const pairs = word.match(/../g) ?? [];
    const ordered = os.endianness() === "LE" ? pairs.reverse() : pairs;
    return ordered.map((pair) => Number.parseInt(pair, 16));
  });
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => {
    const [high = 0, low = 0] = bytes.slice(2 * index);
    return (high * 256 + low).toString(16);
  });
  return groups.join(":");
}
