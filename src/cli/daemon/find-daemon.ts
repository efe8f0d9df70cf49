import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pidOfControlSocket } from "../../shared/control/control-socket-name.ts";
import type { DaemonTarget } from "../command-line/daemon-flags.ts";
import { type Candidate, candidateSockets } from "./candidate-sockets.ts";
import { ControlClient } from "./control-client.ts";
import {
  type DaemonStatus,
  readStatus,
  whereItListens,
} from "./daemon-status.ts";
import { NoDaemonError } from "./no-daemon-error.ts";
import { processOwner } from "./process-owner.ts";
import { type SearchedPlaces, searchPlaces } from "./search-places.ts";

export interface FoundDaemon {
  readonly client: ControlClient;
  readonly status: DaemonStatus;
}

/** The result of asking a socket for the status. */
type Probe =
  | { readonly type: "live"; readonly daemon: FoundDaemon }
  /** No process listens on it, or it does not exist. */
  | { readonly type: "dead" }
  | { readonly type: "unusable"; readonly why: string };

/** How long an incoming master may take to open its control socket. */
const HAND_OVER_TIMEOUT_MS = 3_000;
const HAND_OVER_POLL_MS = 50;

/**
 * Finds the daemon that the target selects. A master that has handed over to
 * another one counts only if its pid was given.
 *
 * @throws NoDaemonError where there is none, or more than one
 */
export async function findDaemon(target: DaemonTarget): Promise<FoundDaemon> {
  const places = await searchPlaces(target, process.env);
  const deadline = performance.now() + HAND_OVER_TIMEOUT_MS;
  for (;;) {
    const result = await search(places, target);
    const masters = result.live.filter(({ status }) => {
      return target.pid === status.pid || status.upgrade.state !== "released";
    });
    const [first, ...others] = masters;
    if (first && others.length === 0) return first;
    if (first) throw new NoDaemonError(choice(masters));
    const isHandingOver = result.live.length > 0;
    if (!isHandingOver || performance.now() > deadline) {
      throw new NoDaemonError(noneFound(target, places, result.notes));
    }
    await delay(HAND_OVER_POLL_MS);
  }
}

async function search({ places }: SearchedPlaces, { pid }: DaemonTarget) {
  const found = places.map((place) => candidateSockets(place, pid));
  const candidates = found.flatMap((each) => each.candidates);
  const probes = await Promise.all(candidates.map(probeSocket));
  const live = probes
    .flatMap((probe) => (probe.type === "live" ? [probe.daemon] : []))
    .filter(({ status }) => pid === undefined || status.pid === pid);
  const unusable = probes.flatMap((probe, index) => {
    const { socketPath } = candidates[index] as Candidate;
    return probe.type === "unusable" ? `${socketPath}: ${probe.why}` : [];
  });
  const searched = places.map(({ path: place, isFolder }) => {
    const name = `remuda-${pid ?? "<pid>"}.sock`;
    return isFolder ? path.join(place, name) : `control socket ${place}`;
  });
  const problems = found.flatMap((each) => each.problems);
  return { live, notes: [...searched, ...problems, ...unusable] };
}

async function probeSocket(candidate: Candidate): Promise<Probe> {
  const client = new ControlClient(candidate.socketPath);
  try {
    const { status: code, body } = await client.get("/status");
    if (code !== 200) return { type: "unusable", why: `answers ${code}` };
    const status = readStatus(body);
    if (!status) return { type: "unusable", why: "answers without a status" };
    const why = falsePid(status, candidate);
    if (why !== undefined) return { type: "unusable", why };
    return { type: "live", daemon: { client, status } };
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOENT") return { type: "dead" };
    if (code === "EACCES" || code === "EPERM") {
      return { type: "unusable", why: "belongs to another user" };
    }
    const isLate = name === "TimeoutError" || name === "AbortError";
    const why = isLate ? "does not answer" : message;
    return { type: "unusable", why };
  }
}

/** Any process can claim the pid of another one. */
function falsePid(
  { pid }: DaemonStatus,
  { socketPath, uid, isNamed }: Candidate,
): string | undefined {
  // A given place may belong to another container, with its own pids.
  if (isNamed) return undefined;
  const named = pidOfControlSocket(path.basename(socketPath));
  if (named !== pid) return `says that it is process ${pid}`;
  const owner = processOwner(pid);
  if (owner === undefined || owner === uid) return undefined;
  return `says that it is process ${pid}, which is of user ${owner}`;
}

function noneFound(
  { pid }: DaemonTarget,
  { origin, problems }: SearchedPlaces,
  notes: readonly string[],
): string {
  const what = pid === undefined ? "no daemon" : `no daemon with pid ${pid}`;
  return [
    `${what} found that runs; looked in (${origin}):`,
    ...[...notes, ...problems].map((note) => `  ${note}`),
    "start one, or say where its control socket is: --control PATH",
  ].join("\n");
}

function choice(live: readonly FoundDaemon[]): string {
  const lines = live.map(({ status }) => {
    const app = status.app ?? "the welcome app";
    const places = status.listening.map(whereItListens).join(", ");
    return `  --pid ${status.pid}  ${places}  ${app}`;
  });
  return [`${live.length} daemons run; say which is meant:`, ...lines].join(
    "\n",
  );
}
