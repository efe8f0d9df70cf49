import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { pidOfControlSocket } from "../../shared/control/control-socket-name.ts";
import { pathProblem } from "../../shared/files/path-problem.ts";

export interface Place {
  /** Path of a control socket, or of a folder with control sockets in it. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Given by the user, and not a default. */
  readonly isNamed: boolean;
  /** A trusted owner besides root and the user of this process. */
  readonly uid?: number;
}

/** A socket that may be that of a daemon. */
export interface Candidate {
  readonly socketPath: string;
  /** Owner of the socket: the user of the process that made it. */
  readonly uid: number;
  readonly isNamed: boolean;
}

interface Found {
  readonly candidates: readonly Candidate[];
  /** Why the place, or a socket in it, is not trusted. */
  readonly problems: readonly string[];
}

const WRITABLE_BY_OTHERS = 0o022;

/**
 * The control sockets in a place that may be trusted.
 *
 * @param pid accepts sockets of this process only
 */
export function candidateSockets(place: Place, pid: number | undefined): Found {
  const stats = statOf(place.path);
  if (stats === "missing") return { candidates: [], problems: [] };
  if (stats === "denied") return refused(place.path, "permission denied");
  const problem = problemOf(place, stats);
  if (problem !== undefined) return refused(place.path, problem);
  const { isFolder, isNamed } = place;
  const trusted = [stats.uid, ...trustedUids(place)];
  const files = isFolder ? socketsIn(place.path, pid) : [place.path];
  const found = files.map((socketPath): Found => {
    const socket = statOf(socketPath);
    if (socket === "missing") return { candidates: [], problems: [] };
    if (socket === "denied") return refused(socketPath, "permission denied");
    if (!socket.isSocket()) return refused(socketPath, "is not a socket");
    if (!trusted.includes(socket.uid)) {
      return refused(socketPath, `belongs to user ${socket.uid}`);
    }
    const { uid } = socket;
    return { candidates: [{ socketPath, uid, isNamed }], problems: [] };
  });
  return {
    candidates: found.flatMap(({ candidates }) => candidates),
    problems: found.flatMap(({ problems }) => problems),
  };
}

function problemOf(place: Place, stats: Stats): string | undefined {
  const { isNamed, isFolder } = place;
  const uids = trustedUids(place);
  // In a folder that all may write, an owner proves nothing.
  const problem = pathProblem(place.path, { uids, isStrict: !isNamed });
  if (problem !== undefined) return problem;
  if (!isFolder) return undefined;
  if (!stats.isDirectory()) return "is not a folder";
  const isOpen = (stats.mode & WRITABLE_BY_OTHERS) !== 0;
  return isOpen && !isNamed ? "is writable by others" : undefined;
}

function trustedUids({ uid }: Place): number[] {
  const own = process.geteuid?.() ?? 0;
  return uid === undefined ? [0, own] : [0, own, uid];
}

function socketsIn(folder: string, pid: number | undefined): string[] {
  const names = namesIn(folder).filter((name) => {
    const socketPid = pidOfControlSocket(name);
    return socketPid !== undefined && (pid === undefined || socketPid === pid);
  });
  return names.map((name) => path.join(folder, name));
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the stats of the link itself if its target cannot be examined. */
function statOf(file: string): Stats | "missing" | "denied" {
  for (const stat of [statSync, lstatSync]) {
    try {
      return stat(file, { throwIfNoEntry: false }) ?? "missing";
    } catch {
      // Thrown for a parent folder without permission too.
    }
  }
  return "denied";
}

function refused(file: string, problem: string): Found {
  return { candidates: [], problems: [`${file}: ${problem}; it is not asked`] };
}
