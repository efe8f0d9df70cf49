/**
 * Gives up root for another user, once what only root can have is open. It is
 * for good: the process, and all that it forks, can never be root again.
 */
import { execFileSync } from "node:child_process";
import os from "node:os";
import { StartError } from "../start-error.ts";

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Whose further groups are taken; none for an id without a name. */
  readonly userName: string | undefined;
}

/** A name, or an id. */
type Account = string | number;

interface Wish {
  readonly user?: Account | undefined;
  readonly group?: Account | undefined;
}

/** What Node has on every system but Windows. */
interface PosixProcess {
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getgroups(): number[];
  initgroups(user: string, extraGroup: number): void;
  setgroups(groups: readonly number[]): void;
  setgid(id: number): void;
  setegid(id: number): void;
  setuid(id: number): void;
  seteuid(id: number): void;
}

const posix = process as unknown as PosixProcess;
const LOOKUP_TIMEOUT_MS = 10_000;

/**
 * Who to become; undefined where the settings name nobody, or whom we are.
 *
 * @throws StartError where there is no such user, or only root could do it
 */
export function identityFor(wish: Wish): Identity | undefined {
  const { user, group } = wish;
  if (user === undefined && group === undefined) return undefined;
  const uid = user === undefined ? posix.geteuid() : uidOf(user);
  const gid = group === undefined ? groupOf(user as Account) : gidOf(group);
  if (!isRoot()) {
    // The successor of a master that has done it already, for instance.
    if (uid === posix.geteuid() && gid === posix.getegid()) return undefined;
    const wanted = [user, group].filter((each) => each !== undefined).join(":");
    throw fail(
      `only root can become ${wanted}, and this is uid ${posix.geteuid()}: ` +
        "start it as root, or leave user and group out",
    );
  }
  return { uid, gid, userName: typeof user === "string" ? user : undefined };
}

/** @throws StartError where root was not given up, or not for good */
export function become(identity: Identity): void {
  const { uid, gid } = identity;
  try {
    // In this order: who is not root any more cannot change groups.
    takeGroups(identity);
    posix.setgid(gid);
    posix.setuid(uid);
  } catch (error) {
    throw fail(`cannot become uid ${uid}, gid ${gid}: ${String(error)}`);
  }
  verify(uid, gid);
  takeHome();
}

export function isRoot(): boolean {
  return posix.geteuid() === 0;
}

/**
 * Has the rights of another user while it acts, and root's again then. What
 * other threads do meanwhile, they do as that user too.
 *
 * @param act it must not wait
 */
export function actAs<Result>(identity: Identity, act: () => Result): Result {
  const uid = posix.geteuid();
  const gid = posix.getegid();
  const groups = posix.getgroups();
  try {
    takeGroups(identity);
    posix.setegid(identity.gid);
    posix.seteuid(identity.uid);
    return act();
  } finally {
    posix.seteuid(uid);
    posix.setegid(gid);
    posix.setgroups(groups);
  }
}

/** All groups of that user. */
export function groupsOf(identity: Identity): number[] {
  return actAs(identity, () => [posix.getegid(), ...posix.getgroups()]);
}

function takeGroups({ userName, gid }: Identity): void {
  if (userName === undefined) posix.setgroups([gid]);
  else posix.initgroups(userName, gid);
}

function verify(uid: number, gid: number): void {
  const is = [posix.getuid(), posix.geteuid(), posix.getgid(), posix.getegid()];
  const isDone = is.join() === [uid, uid, gid, gid].join();
  const hasRootsGroup = gid !== 0 && posix.getgroups().includes(0);
  if (!isDone || hasRootsGroup || (uid !== 0 && canBeRootAgain())) {
    throw fail(`root was not given up: ids are ${is.join(", ")}`);
  }
}

function canBeRootAgain(): boolean {
  try {
    posix.setuid(0);
    return true;
  } catch {
    return false;
  }
}

/** What programs look up would otherwise still be root's. */
function takeHome(): void {
  try {
    const { username, homedir } = os.userInfo();
    Object.assign(process.env, {
      USER: username,
      LOGNAME: username,
      HOME: homedir,
    });
  } catch {
    // An id without a name has no home: then it must not have root's.
    for (const name of ["USER", "LOGNAME", "HOME"]) delete process.env[name];
  }
}

function uidOf(user: Account): number {
  if (typeof user === "number") return user;
  return lookUp("user", user, ["id", "-u", user]);
}

/** The first group of a user. */
function groupOf(user: Account): number {
  try {
    return lookUp("user", user, ["id", "-g", String(user)]);
  } catch (error) {
    if (typeof user === "string") throw error;
    throw fail(`user ${user} has no name and so no group: set group as well`);
  }
}

function gidOf(group: Account): number {
  if (typeof group === "number") return group;
  const getent = ["sh", "-c", 'getent group "$1" | cut -d: -f3', "sh", group];
  return lookUp("group", group, getent);
}

/** Node cannot ask for it; these ask whatever directory the system uses. */
function lookUp(
  what: "user" | "group",
  name: Account,
  [program = "", ...args]: readonly string[],
): number {
  let answer = "";
  try {
    answer = execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: LOOKUP_TIMEOUT_MS,
    }).trim();
  } catch {
    // There is none, which is said below.
  }
  if (!/^\d+$/.test(answer)) throw fail(`there is no ${what} "${name}"`);
  return Number(answer);
}

function fail(message: string): StartError {
  return new StartError({ message });
}
